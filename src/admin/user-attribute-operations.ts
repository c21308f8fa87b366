// The attributes of a user that tokens carry: roles, claims and whether onboarding is done.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { defined } from '../defined.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Roles } from '../users/role.ts'
import type { User, UserChange, Users } from '../users/user.ts'
import { changeUser } from './change-user.ts'
import { findUser } from './find-user.ts'
import { flag, json, list, required, text } from './input.ts'
import { type Operation, operation } from './operation.ts'
import { checkedClaims, checkedRoles } from './user-fields.ts'
import { type UserView, userView } from './user-view.ts'

const rolesInput = { user: required(text), set: list, add: list, remove: list, revoke_tokens: flag }
const claimsInput = { user: required(text), set: json, remove: list, onboarded: flag }

export interface UserAttributeOperations {
  /** With `revoke_tokens` the user's access tokens end, so that services see the new roles at once. */
  'users.roles': Operation<typeof rolesInput, UserView>
  'users.claims': Operation<typeof claimsInput, UserView>
}

export interface UserAttributeDeps {
  clock: Clock
  audit: Audit
  users: Users
  roles: Roles
  endSessions: EndSessions
}

export const createUserAttributeOperations = ({
  clock,
  audit,
  users,
  roles,
  endSessions,
}: UserAttributeDeps): UserAttributeOperations => {
  const change = async (user: User, members: UserChange, reason: string): Promise<UserView> => {
    const changed = await changeUser(users, user, members, clock.now())
    audit({ type: 'user.changed', actor: 'admin', userId: user.id, reason })
    return userView(changed)
  }

  return {
    'users.roles': operation(rolesInput, async (input) => {
      const { set, add = [], remove = [], revoke_tokens: revokesTokens = false } = input
      const user = await findUser(users, input.user)
      const wanted = await checkedRoles(roles, [...(set ?? []), ...add])
      const kept = set === undefined ? user.roles : []
      const next = [...new Set([...kept, ...wanted])].filter((role) => !remove.includes(role))
      const isSame = next.length === user.roles.length && next.every((role) => user.roles.includes(role))
      const view = isSame ? userView(user) : await change(user, { roles: next }, 'roles')
      // Also if the roles are the same, because an earlier attempt may have failed here.
      if (revokesTokens) {
        await endSessions.accessTokensOf(user.id)
        audit({ type: 'token.revoked', actor: 'admin', userId: user.id, reason: 'roles' })
      }
      return view
    }),
    'users.claims': operation(claimsInput, async ({ user: name, set = {}, remove = [], onboarded }) => {
      const user = await findUser(users, name)
      const added = checkedClaims(set)
      if (Object.keys(added).length === 0 && remove.length === 0 && onboarded === undefined)
        return userView(user)
      const kept = Object.entries({ ...user.claims, ...added }).filter(([claim]) => !remove.includes(claim))
      return await change(user, { claims: Object.fromEntries(kept), ...defined({ onboarded }) }, 'claims')
    }),
  }
}

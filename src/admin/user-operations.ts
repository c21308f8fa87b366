// Creates, lists, shows and imports users. No answer holds a password or its hash.
import { defined } from '../defined.ts'
import type { UserId } from '../ids.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { CheckNewPassword } from '../passwords/policy.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Stores } from '../stores/stores.ts'
import { defaultRole } from '../users/role.ts'
import { type NewUser, newUserId, type User } from '../users/user.ts'
import { nameTaken } from './change-user.ts'
import { findUser } from './find-user.ts'
import { flag, json, list, required, text, whole } from './input.ts'
import { type Operation, operation } from './operation.ts'
import { createUserAccessOperations, type UserAccessOperations } from './user-access-operations.ts'
import { createUserAttributeOperations, type UserAttributeOperations } from './user-attribute-operations.ts'
import { createUserExport, type UserExport } from './user-export.ts'
import { checkedClaims, checkedNames, checkedRoles, createCheckPassword } from './user-fields.ts'
import { createUserImport, type UserImport, type UserImportDeps } from './user-import.ts'
import { createUserUpdate, type UserUpdate } from './user-update.ts'
import { type UserView, userView } from './user-view.ts'

const createInput = {
  email: text,
  emailVerified: flag,
  username: text,
  name: text,
  password: text,
  roles: list,
  onboarded: flag,
  claims: json,
}
const listInput = { after: text, limit: whole(1, 1000) }
const showInput = { user: required(text) }

/**
 * If `login_methods` is empty, the user can sign in only after an admin sets a password, or through a
 * provider that verified the same e-mail address.
 */
export type ShownUser = UserView & { login_methods: string[] }

export interface UserOperations extends UserAccessOperations, UserAttributeOperations {
  'users.create': Operation<typeof createInput, { id: UserId }>
  'users.list': Operation<typeof listInput, UserView[]>
  'users.show': Operation<typeof showInput, ShownUser>
  'users.update': UserUpdate
  'users.import': UserImport
  'users.export': UserExport
}

export interface UserOperationsDeps extends UserImportDeps {
  stores: Pick<Stores, 'users' | 'identities' | 'roles' | 'sessions'>
  composeNotice: ComposeNotice
  endSessions: EndSessions
  hashPassword(password: string): Promise<string>
  checkNewPassword: CheckNewPassword
  minPasswordLength: number
}

export const createUserOperations = (deps: UserOperationsDeps): UserOperations => {
  const { clock, audit, stores, endSessions, hashPassword } = deps
  const { users, identities, roles } = stores
  const checkPassword = createCheckPassword(deps)

  const loginMethodsOf = async (user: User): Promise<string[]> => [
    ...(user.passwordHash === undefined ? [] : ['password']),
    ...(await identities.listOfUser(user.id)).map(({ provider, lockedAt }) =>
      lockedAt === undefined ? provider : `${provider} (locked there)`,
    ),
  ]

  return {
    'users.create': operation(createInput, async (input) => {
      const { password } = input
      const names = checkedNames(input)
      if (password !== undefined) await checkPassword(password, names)
      const now = clock.now()
      const user: NewUser = {
        id: newUserId(),
        ...names,
        emailVerified: names.email !== undefined && input.emailVerified === true,
        roles: await checkedRoles(roles, input.roles ?? [defaultRole]),
        claims: checkedClaims(input.claims ?? {}),
        onboarded: input.onboarded ?? false,
        ...defined({ passwordHash: password === undefined ? undefined : await hashPassword(password) }),
        createdAt: now,
        updatedAt: now,
      }
      const outcome = await users.create(user)
      if (outcome !== 'created') throw nameTaken(outcome)
      audit({ type: 'user.created', actor: 'admin', userId: user.id })
      return { id: user.id }
    }),
    'users.list': operation(listInput, async ({ after, limit = 100 }) =>
      (await users.list({ ...defined({ after }), limit })).map(userView),
    ),
    'users.show': operation(showInput, async ({ user: name }) => {
      const user = await findUser(users, name)
      return { ...userView(user), login_methods: await loginMethodsOf(user) }
    }),
    'users.update': createUserUpdate({ ...deps, users }),
    'users.import': createUserImport(deps),
    'users.export': createUserExport({ audit, users, identities }),
    ...createUserAccessOperations({ ...deps, users, checkPassword }),
    ...createUserAttributeOperations({ clock, audit, users, roles, endSessions }),
  }
}

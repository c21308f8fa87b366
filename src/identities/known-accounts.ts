// Finds the account that an identity is already linked to, and records addresses that a provider verified.
import type { Clock } from '../clock.ts'
import type { ProviderPerson } from '../sessions/provider-person.ts'
import { endedDuringSignIn } from '../sessions/sign-in.ts'
import { isActive, normalEmail, type ReadUser, type User, type Users } from '../users/user.ts'
import type { AuditPerson, SignInContext } from './audit-person.ts'
import { type Identities, identityOf } from './identity.ts'

/** 'ended': the identity was removed or locked during the sign-in. */
export type KnownAccount = ({ outcome: 'ok' } & ReadUser) | { outcome: 'disabled' | 'ended' }

export interface KnownAccounts {
  /** The account of this identity, or undefined if there is none. Also updates the facts of the identity. */
  find(person: ProviderPerson, context: SignInContext): Promise<KnownAccount | undefined>
  /** Sets `emailVerified` if the provider verified the user's own address. Returns the user after that. */
  noteVerifiedEmail(person: ProviderPerson, user: User): Promise<User>
}

export const createKnownAccounts = (deps: {
  clock: Clock
  users: Users
  identities: Identities
  auditPerson: AuditPerson
}): KnownAccounts => {
  const { clock, users, identities, auditPerson } = deps

  const noteVerifiedEmail = async (person: ProviderPerson, user: User): Promise<User> => {
    const { email, emailVerified } = person
    if (!emailVerified || email === undefined || user.emailVerified) return user
    if (normalEmail(email) !== user.email) return user
    return (await users.verifyEmail(user.id, email, clock.now())) ? { ...user, emailVerified: true } : user
  }

  return {
    find: async (person, context) => {
      const readAt = clock.now()
      const identity = await identities.find(person.provider, person.subject)
      const user = identity && (await users.find(identity.userId))
      if (identity === undefined || user === undefined) return undefined
      // A locked account at the provider may be in the hands of an attacker.
      const isLocked = identity.lockedAt !== undefined
      if (!isActive(user) || isLocked) {
        const reason = isActive(user) ? 'locked at the provider' : 'disabled'
        auditPerson('login.failed', { person, context, userId: user.id, reason })
        return { outcome: 'disabled' }
      }
      if (!(await identities.use(identityOf(person, user.id, clock.now())))) {
        auditPerson('login.failed', { person, context, userId: user.id, reason: endedDuringSignIn })
        return { outcome: 'ended' }
      }
      return { outcome: 'ok', user: await noteVerifiedEmail(person, user), readAt }
    },
    noteVerifiedEmail,
  }
}

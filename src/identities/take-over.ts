// Gives an account with an unverified address to the person whose address the provider verified.
import type { Clock } from '../clock.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { ProviderPerson } from '../sessions/provider-person.ts'
import { isActive, normalEmail, type User, type Users } from '../users/user.ts'
import type { AuditPerson, SignInContext } from './audit-person.ts'
import { type Identities, identityOf } from './identity.ts'
import type { KnownAccount, KnownAccounts } from './known-accounts.ts'
import { mayTakeOver } from './linking.ts'
import { newMembers } from './register-person.ts'

/** 'refused': the rule of linking.ts does not allow it. */
export type TakeOverOutcome = KnownAccount | { outcome: 'refused' }

export type TakeOver = (
  person: ProviderPerson & { email: string },
  context: SignInContext,
) => Promise<TakeOverOutcome>

/** @throws {Unavailable} if a store is down. The user may repeat the call. */
export const createTakeOver =
  (deps: {
    clock: Clock
    users: Users
    identities: Identities
    endSessions: EndSessions
    knownAccounts: KnownAccounts
    auditPerson: AuditPerson
    /** The user who has the address. */
    findHolder(email: string): Promise<User | undefined>
  }): TakeOver =>
  async (person, context) => {
    const { users, identities, endSessions, auditPerson } = deps
    // A repeated call finds the account that the first call took over.
    const known = await deps.knownAccounts.find(person, context)
    if (known) return known
    const holder = await deps.findHolder(person.email)
    if (holder === undefined || !mayTakeOver(person, holder)) return { outcome: 'refused' }
    const userId = holder.id
    if (!isActive(holder)) {
      auditPerson('login.failed', { person, context, userId, reason: 'disabled' })
      return { outcome: 'disabled' }
    }
    // Runs before the change, so that a failed takeover can be retried. Runs again after it, to end sessions
    // that started during it.
    await endSessions.ofUser(userId)
    const now = deps.clock.now()
    const email = normalEmail(person.email)
    const owner = {
      id: userId,
      email,
      emailVerified: true,
      updatedAt: now,
      ...newMembers(person, context.locale),
    }
    const taken = await identities.takeOver(owner, identityOf(person, userId, now))
    if (taken !== 'taken_over') return { outcome: 'refused' }
    await endSessions.ofUser(userId)
    const reason = 'removed the login methods, sessions, consents, roles, claims and names'
    auditPerson('user.taken_over', { person, context, userId, reason })
    const readAt = deps.clock.now()
    const user = await users.find(userId)
    return user === undefined ? { outcome: 'refused' } : { outcome: 'ok', user, readAt }
  }

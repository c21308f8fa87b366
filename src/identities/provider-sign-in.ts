// Signs a person in through a provider: finds, links or creates the account, by the rules of linking.ts.
// It sends no requests to providers. login/upstream calls it with the facts that a provider confirmed.

import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { ProviderPerson } from '../sessions/provider-person.ts'
import { endedDuringSignIn } from '../sessions/sign-in.ts'
import type { Throttle } from '../throttle/throttle.ts'
import { Unavailable } from '../unavailable.ts'
import { isActive, normalEmail, type ReadUser, type User, type Users } from '../users/user.ts'
import { createAuditPerson, type SignInContext } from './audit-person.ts'
import { type Identities, identityOf } from './identity.ts'
import { createKnownAccounts, type KnownAccount } from './known-accounts.ts'
import { decideLinking, mayTakeOver } from './linking.ts'
import { createRegisterPerson } from './register-person.ts'
import { createTakeOver, type TakeOver } from './take-over.ts'

export type ProviderSignIn =
  | ({ outcome: 'ok' } & ReadUser)
  /** An account has the address. The user must confirm first that it is theirs (link confirmation). */
  | { outcome: 'confirm'; email: string }
  /** 'ended': the access of the user ended during the sign-in. */
  | { outcome: 'disabled' | 'ended' | 'registration_closed' }
  | { outcome: 'throttled'; retryAfterSeconds: number }

export interface ProviderSignIns {
  /** Finds the account of the identity. Links and creates nothing. */
  findKnown(person: ProviderPerson, context: SignInContext): Promise<KnownAccount | undefined>
  /** @throws {Unavailable} if a store is down, or after too many conflicts with concurrent sign-ins */
  signIn(person: ProviderPerson, context: SignInContext): Promise<ProviderSignIn>
  /**
   * Adds the identity to a user who is signed in. 'taken': another account has it. 'ended': the access of the
   * user ended since `user` was read.
   */
  link(person: ProviderPerson, user: User, context: SignInContext): Promise<'linked' | 'taken' | 'ended'>
  /** Whether the person may take over the account that has their address. */
  mayTakeOver(person: ProviderPerson & { email: string }): Promise<boolean>
  takeOver: TakeOver
  /** Creates an account without the address, because another account has it. */
  registerApart(person: ProviderPerson, context: SignInContext): Promise<ProviderSignIn>
}

/** The attempts of one sign-in. Concurrent requests can cause a conflict once or twice, rarely more. */
const maxAttempts = 4

const retryConflicts = async (
  attempt: () => Promise<ProviderSignIn | { outcome: 'conflict' }>,
): Promise<ProviderSignIn> => {
  for (let count = 0; count < maxAttempts; count += 1) {
    const result = await attempt()
    if (result.outcome !== 'conflict') return result
  }
  throw new Unavailable('the sign-in (too many concurrent changes of one account)')
}

export const createProviderSignIns = (deps: {
  clock: Clock
  users: Users
  identities: Identities
  throttle: Throttle
  endSessions: EndSessions
  composeNotice: ComposeNotice
  audit: Audit
  registration: boolean
  linkVerifiedEmails: boolean
}): ProviderSignIns => {
  const { clock, users, identities } = deps
  const auditPerson = createAuditPerson(deps.audit)
  const knownAccounts = createKnownAccounts({ ...deps, auditPerson })
  const registerPerson = createRegisterPerson({ ...deps, auditPerson })
  const linkedNotice = (user: User, { provider }: ProviderPerson) =>
    deps.composeNotice(user, { kind: 'provider_linked', provider })
  const findHolder = (email: string) => users.findByLogin(normalEmail(email))

  const signInOnce = async (person: ProviderPerson, context: SignInContext) => {
    const known = await knownAccounts.find(person, context)
    if (known) return known
    const { email } = person
    const readAt = clock.now()
    const holder = email === undefined ? undefined : await findHolder(email)
    if (holder === undefined || email === undefined) return registerPerson(person, context, true)
    const userId = holder.id
    if (decideLinking(person, holder, deps) === 'confirm') {
      const reason = 'an account has the address, and its user must confirm'
      auditPerson('identity.refused', { person, context, userId, reason })
      return { outcome: 'confirm' as const, email }
    }
    if (!isActive(holder)) {
      auditPerson('login.failed', { person, context, userId, reason: 'disabled' })
      return { outcome: 'disabled' as const }
    }
    const linked = await identities.link(
      identityOf(person, userId, clock.now()),
      holder,
      linkedNotice(holder, person),
    )
    if (linked !== 'linked') return { outcome: 'conflict' as const }
    auditPerson('identity.linked', { person, context, userId, reason: 'both sides verified the address' })
    return { outcome: 'ok' as const, user: holder, readAt }
  }

  return {
    findKnown: knownAccounts.find,
    signIn: (person, context) => retryConflicts(() => signInOnce(person, context)),
    registerApart: (person, context) =>
      retryConflicts(
        async () => (await knownAccounts.find(person, context)) ?? registerPerson(person, context, false),
      ),
    link: async (person, user, context) => {
      const identity = identityOf(person, user.id, clock.now())
      const linked = await identities.link(identity, user, linkedNotice(user, person))
      const event = { person, context, userId: user.id }
      if (linked !== 'linked') {
        const reason = linked === 'taken' ? 'linked to another account' : endedDuringSignIn
        auditPerson('identity.refused', { ...event, reason })
        return linked
      }
      auditPerson('identity.linked', event)
      await knownAccounts.noteVerifiedEmail(person, user)
      return 'linked'
    },
    mayTakeOver: async (person) => {
      const holder = await findHolder(person.email)
      return holder !== undefined && mayTakeOver(person, holder)
    },
    takeOver: createTakeOver({ ...deps, knownAccounts, auditPerson, findHolder }),
  }
}

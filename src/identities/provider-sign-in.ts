// Signing in through a provider: finds the account of an identity, makes one, links or claims it, by the rules of
// linking.ts. Knows no HTTP and no provider; login/upstream calls it with what a provider vouched for.

import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { UserId } from '../ids.ts'
import { registrationPolicy } from '../passwords/registration.ts'
import type { EndSessions } from '../sessions/end.ts'
import { type ProviderPerson, providerPersonOf } from '../sessions/provider-person.ts'
import { type LoginAttempts, retryAfterSeconds } from '../throttle/login-attempts.ts'
import { networkOf } from '../throttle/network.ts'
import { Unavailable } from '../unavailable.ts'
import { defaultRole } from '../users/role.ts'
import { isActive, type NewUser, newUserId, normalEmail, type User, type Users } from '../users/user.ts'
import type { Identities, Identity } from './identity.ts'
import { decideLinking, mayTakeOver } from './linking.ts'

export interface SignInContext {
  ip: string
  requestId: string
  locale: string
}

export type ProviderSignIn =
  | { outcome: 'ok'; user: User }
  /** An account here has that address: its owner signs in to it first (offered link). */
  | { outcome: 'confirm'; email: string }
  | { outcome: 'disabled' | 'registration_closed' }
  | { outcome: 'throttled'; retryAfterSeconds: number }

export type Known = { outcome: 'ok'; user: User } | { outcome: 'disabled' }
export type TakeOver = Known | { outcome: 'refused' }

export type LinkOutcome = 'linked' | 'taken'

export interface ProviderSignIns {
  /** Only the account that the identity opens already; nothing is made. */
  findKnown(person: ProviderPerson, context: SignInContext): Promise<Known | undefined>
  signIn(person: ProviderPerson, context: SignInContext): Promise<ProviderSignIn>
  /** The signed-in user adds a way in. */
  link(person: ProviderPerson, user: User, context: SignInContext): Promise<LinkOutcome>
  /** May the person take over the account that holds their address unproven? */
  mayTakeOver(person: ProviderPerson & { email: string }): Promise<boolean>
  /** Takes it over. 'refused': the rule does not allow it, or no longer. */
  takeOver(person: ProviderPerson & { email: string }, context: SignInContext): Promise<TakeOver>
  /** A new account although another one holds the address, which the new one therefore does not get. */
  registerApart(person: ProviderPerson, context: SignInContext): Promise<ProviderSignIn>
}

/** Somebody else may win the same race once or twice; more often it is a fault. */
const patience = 4

export const createProviderSignIns = (deps: {
  clock: Clock
  users: Users
  identities: Identities
  loginAttempts: LoginAttempts
  endSessions: EndSessions
  audit: Audit
  registration: boolean
  linkVerifiedEmails: boolean
}): ProviderSignIns => {
  const { clock, users, identities, loginAttempts, endSessions, audit } = deps

  const identityOf = (person: ProviderPerson, userId: UserId): Identity => {
    const now = clock.now()
    return { ...providerPersonOf(person), userId, linkedAt: now, lastUsedAt: now }
  }

  const report = (
    type: 'identity.linked' | 'identity.refused' | 'user.taken_over' | 'user.registered',
    person: ProviderPerson,
    userId: UserId,
    { ip, requestId }: SignInContext,
    reason?: string,
  ) =>
    audit({
      ...{ type, actor: 'user', userId, ip, requestId },
      reason: reason === undefined ? person.provider : `${person.provider}: ${reason}`,
    })

  const refused = (
    userId: UserId,
    person: ProviderPerson,
    { ip, requestId }: SignInContext,
    reason = 'disabled',
  ): { outcome: 'disabled' } => {
    audit({
      ...{ type: 'login.failed', actor: 'user', userId, ip, requestId },
      reason: `${person.provider}: ${reason}`,
    })
    return { outcome: 'disabled' }
  }

  /** The account's own address, proven at last by a way in that belongs to it. */
  const noteProof = async (person: ProviderPerson, user: User): Promise<User> => {
    const proves = person.emailVerified && person.email !== undefined && !user.emailVerified
    if (!proves || normalEmail(person.email ?? '') !== user.email) return user
    await users.change(user.id, { emailVerified: true }, clock.now())
    return { ...user, emailVerified: true }
  }

  const holderOf = (email: string | undefined) =>
    email === undefined ? undefined : users.findByLogin(normalEmail(email))

  const register = async (
    person: ProviderPerson,
    context: SignInContext,
    withEmail: boolean,
  ): Promise<ProviderSignIn | 'again'> => {
    const failed = (reason: string) =>
      audit({
        ...{ type: 'login.failed', actor: 'user', ip: context.ip, requestId: context.requestId },
        reason: `${person.provider}: ${reason}`,
      })
    if (!deps.registration) {
      failed('no account, and registration is off')
      return { outcome: 'registration_closed' }
    }
    const now = clock.now()
    const key = `registration:${networkOf(context.ip)}`
    const attempt = await loginAttempts.attempt(key, registrationPolicy, now)
    if (!attempt.allowed) {
      const { ip, requestId } = context
      audit({ type: 'registration.throttled', actor: 'user', ip, requestId, reason: 'network' })
      return { outcome: 'throttled', retryAfterSeconds: retryAfterSeconds(attempt, now) }
    }
    const email = withEmail && person.email !== undefined ? normalEmail(person.email) : undefined
    const user: NewUser = {
      id: newUserId(),
      ...(email !== undefined && { email }),
      emailVerified: email !== undefined && person.emailVerified,
      ...(person.name !== undefined && { name: person.name }),
      locale: context.locale,
      roles: [defaultRole],
      claims: {},
      onboarded: false,
      createdAt: now,
      updatedAt: now,
    }
    if ((await identities.register(user, identityOf(person, user.id))) !== 'registered') return 'again'
    report('user.registered', person, user.id, context)
    return { outcome: 'ok', user: { ...user, scopes: [] } }
  }

  /** The account that the identity opens, if it opens one. */
  const known = async (person: ProviderPerson, context: SignInContext): Promise<Known | undefined> => {
    const identity = await identities.find(person.provider, person.subject)
    const user = identity && (await users.find(identity.userId))
    if (identity === undefined || user === undefined) return undefined
    if (!isActive(user)) return refused(user.id, person, context)
    // The provider said so itself (webhooks/), and has not taken it back: whoever comes may not be the owner.
    if (identity.lockedAt !== undefined) return refused(user.id, person, context, 'locked at the provider')
    if ((await identities.link(identityOf(person, user.id))) !== 'linked') return undefined
    return { outcome: 'ok', user: await noteProof(person, user) }
  }

  const untilDecided = async (attempt: () => Promise<ProviderSignIn | 'again'>): Promise<ProviderSignIn> => {
    for (let count = 0; count < patience; count += 1) {
      const outcome = await attempt()
      if (outcome !== 'again') return outcome
    }
    throw new Unavailable('an identity that many sign in with at once')
  }

  return {
    findKnown: known,
    signIn: (person, context) =>
      untilDecided(async () => {
        const already = await known(person, context)
        if (already) return already
        const holder = await holderOf(person.email)
        const { email } = person
        if (holder === undefined || email === undefined) return register(person, context, true)
        if (decideLinking(person, holder, deps) === 'confirm') {
          report('identity.refused', person, holder.id, context, 'the account has its address: proof first')
          return { outcome: 'confirm', email }
        }
        if (!isActive(holder)) return refused(holder.id, person, context)
        if ((await identities.link(identityOf(person, holder.id))) !== 'linked') return 'again'
        report('identity.linked', person, holder.id, context, 'address proven on both sides')
        return { outcome: 'ok', user: holder }
      }),
    registerApart: (person, context) =>
      untilDecided(async () => (await known(person, context)) ?? register(person, context, false)),
    link: async (person, user, context) => {
      if ((await identities.link(identityOf(person, user.id))) !== 'linked') {
        report('identity.refused', person, user.id, context, 'it belongs to another account')
        return 'taken'
      }
      report('identity.linked', person, user.id, context)
      await noteProof(person, user)
      return 'linked'
    },
    mayTakeOver: async (person) => {
      const holder = await holderOf(person.email)
      return holder !== undefined && mayTakeOver(person, holder)
    },
    takeOver: async (person, context) => {
      // A claim that was done, and whose answer was lost, can be repeated.
      const already = await known(person, context)
      if (already) return already
      const holder = await holderOf(person.email)
      if (holder === undefined || !mayTakeOver(person, holder)) return { outcome: 'refused' }
      if (!isActive(holder)) return refused(holder.id, person, context)
      // Before, so that a failure can be mended by trying again; after, for what began in between.
      await endSessions.ofUser(holder.id)
      const claimed = await identities.takeOver({ ...identityOf(person, holder.id), email: person.email })
      if (claimed !== 'taken_over') return { outcome: 'refused' }
      await endSessions.ofUser(holder.id)
      report('user.taken_over', person, holder.id, context, 'password, sessions and other ways in dropped')
      const user = await users.find(holder.id)
      return user === undefined ? { outcome: 'refused' } : { outcome: 'ok', user }
    },
  }
}

// Creates a new user for a person at a provider, with the same throttle as a registration by password.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { registrationUse } from '../passwords/registration.ts'
import type { ProviderPerson } from '../sessions/provider-person.ts'
import { retryAfterSeconds, type Throttle } from '../throttle/throttle.ts'
import { defaultRole } from '../users/role.ts'
import { type NewUser, newUserId, normalEmail, type ReadUser } from '../users/user.ts'
import type { AuditPerson, SignInContext } from './audit-person.ts'
import { type Identities, identityOf } from './identity.ts'

export type PersonRegistration =
  | ({ outcome: 'ok' } & ReadUser)
  | { outcome: 'registration_closed' }
  | { outcome: 'throttled'; retryAfterSeconds: number }
  /** Another request took the identity or the address first. The caller decides again. */
  | { outcome: 'conflict' }

/** The members of a user who is new here, from the provider and from the visit. */
export const newMembers = ({ name }: ProviderPerson, locale: string) => ({
  ...(name !== undefined && { name }),
  locale,
  roles: [defaultRole],
  claims: {},
  onboarded: false,
})

/** @param withEmail false if another account has the address */
export type RegisterPerson = (
  person: ProviderPerson,
  context: SignInContext,
  withEmail: boolean,
) => Promise<PersonRegistration>

export const createRegisterPerson =
  (deps: {
    clock: Clock
    identities: Identities
    throttle: Throttle
    audit: Audit
    auditPerson: AuditPerson
    /** Whether new users may register. */
    registration: boolean
  }): RegisterPerson =>
  async (person, context, withEmail) => {
    const { audit, auditPerson } = deps
    const { ip, requestId, locale } = context
    if (!deps.registration) {
      auditPerson('login.failed', { person, context, reason: 'no account, and registration is off' })
      return { outcome: 'registration_closed' }
    }
    const now = deps.clock.now()
    const taken = await deps.throttle.take(registrationUse(ip), now)
    if (taken.outcome === 'refused') {
      audit({ type: 'registration.throttled', actor: 'user', ip, requestId, reason: 'network' })
      return { outcome: 'throttled', retryAfterSeconds: retryAfterSeconds(taken, now) }
    }
    const email = withEmail && person.email !== undefined ? normalEmail(person.email) : undefined
    const user: NewUser = {
      id: newUserId(),
      ...(email !== undefined && { email }),
      ...newMembers(person, locale),
      emailVerified: email !== undefined && person.emailVerified,
      createdAt: now,
      updatedAt: now,
    }
    const registered = await deps.identities.register(user, [identityOf(person, user.id, now)])
    if (registered !== 'registered') return { outcome: 'conflict' }
    auditPerson('user.registered', { person, context, userId: user.id })
    return { outcome: 'ok', user: { ...user, scopes: [] }, readAt: now }
  }

// Registers a user with a password: checks the input, throttles, and creates the record.
// The registration page and POST /api/users call it.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { networkBudgets } from '../throttle/network.ts'
import { maxBudgetRecords, retryAfterSeconds, type Throttle, type Use } from '../throttle/throttle.ts'
import { defaultRole } from '../users/role.ts'
import {
  isDisplayName,
  isEmail,
  isUsername,
  newUserId,
  normalEmail,
  normalName,
  type User,
} from '../users/user.ts'
import type { PasswordHashing } from './hash.ts'
import type { KnownDevices } from './known-device.ts'
import type { IsLeaked } from './leaked.ts'
import type { PasswordFault, PasswordFaults } from './policy.ts'

export type RegistrationFault =
  | 'email_invalid'
  | 'email_taken'
  | 'username_invalid'
  | 'username_taken'
  | 'name_invalid'
  | PasswordFault

export interface RegistrationRequest {
  email: string
  password: string
  username?: string
  name?: string
  locale?: string
  ip: string
  requestId: string
}

/**
 * Stores the new user. 'address_taken': another user has the address, and the answer must not tell it.
 * 'email_taken': the same, and the answer may tell it, because there is no mail server to tell the owner.
 */
export type CreateAccount = (
  user: User & { email: string },
  request: { ip: string; requestId: string },
) => Promise<'created' | 'address_taken' | 'email_taken' | 'username_taken'>

export type Registration =
  /**
   * `device` is the mark that the device keeps from now on. With a mail server the user may not exist:
   * another user has the address. So the caller must not sign the user in.
   */
  | { outcome: 'registered'; user: User; readAt: Date; device: string }
  | { outcome: 'invalid'; faults: readonly [RegistrationFault, ...RegistrationFault[]] }
  | { outcome: 'throttled'; retryAfterSeconds: number }

/** @throws {Unavailable} if a store is down or the hash queue is full */
export type Register = (request: RegistrationRequest) => Promise<Registration>

/** 20 sign-ups at once and 20 more each hour: an office can register within a day, but a script is slow. */
export const registrationUse = (ip: string): Use => ({
  budgets: networkBudgets('registration', ip, { burst: 20, refillSeconds: 180 }),
  maxRecords: maxBudgetRecords,
})

export const createRegister = (deps: {
  clock: Clock
  throttle: Throttle
  knownDevices: KnownDevices
  passwords: PasswordHashing
  passwordFaults: PasswordFaults
  isLeaked: IsLeaked
  createAccount: CreateAccount
  audit: Audit
}): Register => {
  const { clock, throttle, passwords, passwordFaults, audit } = deps

  const faultsOf = async (
    { email, username, password }: RegistrationRequest,
    name: string,
  ): Promise<RegistrationFault[]> => [
    ...(isEmail(normalEmail(email)) ? [] : ['email_invalid' as const]),
    ...(username === undefined || isUsername(username) ? [] : ['username_invalid' as const]),
    ...(name === '' || isDisplayName(name) ? [] : ['name_invalid' as const]),
    ...(await passwordFaults(password, { email, ...(username && { username }), ...(name && { name }) })),
  ]

  return async (request) => {
    // An empty field of the page is no name.
    const name = normalName(request.name ?? '')
    const [fault, ...more] = await faultsOf(request, name)
    if (fault !== undefined) return { outcome: 'invalid', faults: [fault, ...more] }

    const now = clock.now()
    const taken = await throttle.take(registrationUse(request.ip), now)
    if (taken.outcome === 'refused') {
      const { ip, requestId } = request
      audit({ type: 'registration.throttled', actor: 'user', ip, requestId, reason: 'network' })
      return { outcome: 'throttled', retryAfterSeconds: retryAfterSeconds(taken, now) }
    }

    // After the throttle, so that a stranger cannot make Dojang send any number of requests.
    const { ip, requestId } = request
    if (await deps.isLeaked(request.password, { ip, requestId }))
      return { outcome: 'invalid', faults: ['password_leaked'] }

    const user: User & { email: string } = {
      id: newUserId(),
      email: normalEmail(request.email),
      emailVerified: false,
      ...(request.username && { username: request.username.normalize('NFC') }),
      ...(name && { name }),
      ...(request.locale && { locale: request.locale }),
      passwordHash: await passwords.hash(request.password, 'sign_up'),
      roles: [defaultRole],
      scopes: [],
      claims: {},
      onboarded: false,
      createdAt: now,
      updatedAt: now,
    }
    const created = await deps.createAccount(user, { ip, requestId })
    if (created === 'email_taken' || created === 'username_taken')
      return { outcome: 'invalid', faults: [created] }
    if (created === 'created')
      audit({ type: 'user.registered', actor: 'user', userId: user.id, ip, requestId })
    return { outcome: 'registered', user, readAt: now, device: deps.knownDevices.mark(user, now) }
  }
}

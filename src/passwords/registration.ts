// Registers a user with a password: checks the input, throttles, and creates the record.
// The registration page and POST /api/users call it.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type LoginAttempts, retryAfterSeconds, type ThrottlePolicy } from '../throttle/login-attempts.ts'
import { networkOf } from '../throttle/network.ts'
import { defaultRole } from '../users/role.ts'
import { isEmail, isUsername, newUserId, normalEmail, type User, type Users } from '../users/user.ts'
import type { PasswordHashing } from './hash.ts'
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

export type Registration =
  | { outcome: 'registered'; user: User }
  | { outcome: 'invalid'; faults: readonly RegistrationFault[] }
  | { outcome: 'throttled'; retryAfterSeconds: number }

/** @throws {Unavailable} if a store is down or the hash queue is full */
export type Register = (request: RegistrationRequest) => Promise<Registration>

/** The limit per network. An office behind one address can register within a day, but a script is slow. */
export const registrationPolicy: ThrottlePolicy = {
  free: 20,
  baseDelaySeconds: 2,
  maxDelaySeconds: 600,
  forgetAfterSeconds: 3600,
}

export const createRegister = (deps: {
  clock: Clock
  users: Users
  loginAttempts: LoginAttempts
  passwords: PasswordHashing
  passwordFaults: PasswordFaults
  audit: Audit
}): Register => {
  const { clock, users, loginAttempts, passwords, passwordFaults, audit } = deps

  const faultsOf = ({ email, username, name, password }: RegistrationRequest): RegistrationFault[] => [
    ...(isEmail(normalEmail(email)) ? [] : ['email_invalid' as const]),
    ...(username === undefined || isUsername(username) ? [] : ['username_invalid' as const]),
    ...(name === undefined || (name.length <= 100 && !/\p{Cc}/u.test(name)) ? [] : ['name_invalid' as const]),
    ...passwordFaults(password, { email, ...(username && { username }), ...(name && { name }) }),
  ]

  return async (request) => {
    const faults = faultsOf(request)
    if (faults.length > 0) return { outcome: 'invalid', faults }

    const now = clock.now()
    const attempt = await loginAttempts.attempt(
      `registration:${networkOf(request.ip)}`,
      registrationPolicy,
      now,
    )
    if (!attempt.allowed) {
      const { ip, requestId } = request
      audit({ type: 'registration.throttled', actor: 'user', ip, requestId, reason: 'network' })
      return { outcome: 'throttled', retryAfterSeconds: retryAfterSeconds(attempt, now) }
    }

    const user: User = {
      id: newUserId(),
      email: normalEmail(request.email),
      emailVerified: false,
      ...(request.username && { username: request.username.normalize('NFC') }),
      ...(request.name && { name: request.name }),
      ...(request.locale && { locale: request.locale }),
      passwordHash: await passwords.hash(request.password),
      roles: [defaultRole],
      scopes: [],
      claims: {},
      onboarded: false,
      createdAt: now,
      updatedAt: now,
    }
    const created = await users.create(user)
    if (created !== 'created') return { outcome: 'invalid', faults: [created] }
    audit({
      type: 'user.registered',
      actor: 'user',
      userId: user.id,
      ip: request.ip,
      requestId: request.requestId,
    })
    return { outcome: 'registered', user }
  }
}

// Signing in by name and password: who is it, with throttling before and equal work whatever is wrong. Knows no HTTP;
// the hosted page and the first-party API both call it.

import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { UserId } from '../ids.ts'
import { deriveKey, hashToken, hmac, randomToken, sameSecret } from '../secrets.ts'
import { type LoginAttempts, retryAfterSeconds, type ThrottlePolicy } from '../throttle/login-attempts.ts'
import { networkOf } from '../throttle/network.ts'
import { isActive, normalEmail, normalUsername, type User, type Users } from '../users/user.ts'
import type { PasswordHashing } from './hash.ts'

export type PasswordLogin =
  | { outcome: 'ok'; user: User; device: string }
  /** Unknown, wrong, disabled or without a password: nobody outside can tell. */
  | { outcome: 'refused' }
  | { outcome: 'throttled'; retryAfterSeconds: number }

export interface PasswordLoginAttempt {
  login: string
  password: string
  ip: string
  requestId: string
  /** The value of the device cookie, if there is one. */
  device?: string
}

export type LogInByPassword = (attempt: PasswordLoginAttempt) => Promise<PasswordLogin>

export const accountPolicy: ThrottlePolicy = {
  free: 5,
  baseDelaySeconds: 1,
  maxDelaySeconds: 900,
  forgetAfterSeconds: 86_400,
}

const networkPolicy: ThrottlePolicy = {
  free: 50,
  baseDelaySeconds: 1,
  maxDelaySeconds: 60,
  forgetAfterSeconds: 3600,
}

/** Slows everyone but known devices to one guess a second in an attack from many networks; never stops them. */
const globalPolicy: ThrottlePolicy = {
  free: 1000,
  baseDelaySeconds: 0.1,
  maxDelaySeconds: 1,
  forgetAfterSeconds: 60,
}

const normalLogin = (login: string): string =>
  login.includes('@') ? normalEmail(login) : normalUsername(login)

export const createLogInByPassword = (deps: {
  clock: Clock
  users: Users
  loginAttempts: LoginAttempts
  passwords: PasswordHashing
  audit: Audit
  /** Keys the device cookie's mark: the key-encryption keys, newest first. */
  secrets: readonly Uint8Array[]
}): LogInByPassword => {
  const { clock, users, loginAttempts, passwords, audit } = deps
  const deviceKeys = deps.secrets.map((secret) => deriveKey(secret, 'known-device'))

  const markOf = (key: Uint8Array, deviceId: string, userId: UserId) =>
    hmac(key, `${deviceId}.${userId}`).toString('base64url')

  const newDevice = (userId: UserId): string => {
    const [key] = deviceKeys
    const deviceId = randomToken(16)
    return key === undefined ? '' : `${deviceId}.${markOf(key, deviceId, userId)}`
  }

  const knownDevice = (device: string | undefined, user: User | undefined): string | undefined => {
    const [deviceId, mark, ...rest] = device?.split('.') ?? []
    if (deviceId === undefined || mark === undefined || rest.length > 0 || user === undefined)
      return undefined
    return deviceKeys.some((key) => sameSecret(mark, markOf(key, deviceId, user.id))) ? deviceId : undefined
  }

  return async ({ login, password, ip, requestId, device }) => {
    const now = clock.now()
    const user = await users.findByLogin(login)
    const known = knownDevice(device, user)
    const own = known ? `device:${known}` : `account:${hashToken(normalLogin(login))}`
    const many = known ? [] : [`network:${networkOf(ip)}`, 'everyone']
    const context = { ip, requestId, actor: 'user' as const, ...(user && { userId: user.id }) }

    for (const key of [own, ...many]) {
      const policy = key === own ? accountPolicy : key === 'everyone' ? globalPolicy : networkPolicy
      const attempt = await loginAttempts.attempt(key, policy, now)
      if (attempt.allowed) continue
      audit({ type: 'login.throttled', ...context, reason: key.split(':')[0] ?? key })
      return { outcome: 'throttled', retryAfterSeconds: retryAfterSeconds(attempt, now) }
    }

    const usable = user !== undefined && isActive(user) ? user.passwordHash : undefined
    const verdict = await passwords.verify(password, usable).catch(async (trouble: unknown) => {
      // Nobody learnt anything of the password: the attempt does not count.
      for (const key of [own, ...many]) await loginAttempts.undo(key)
      throw trouble
    })
    if (user === undefined || usable === undefined || verdict === 'differs') {
      const reason =
        user === undefined
          ? 'unknown user'
          : !isActive(user)
            ? 'disabled'
            : usable === undefined
              ? 'no password'
              : 'wrong password'
      audit({ type: 'login.failed', ...context, reason })
      return { outcome: 'refused' }
    }

    await loginAttempts.reset(own)
    for (const key of many) await loginAttempts.undo(key)
    if (
      verdict === 'matches_rehash' &&
      (await users.replacePasswordHash(user.id, usable, await passwords.hash(password)))
    )
      audit({ type: 'user.password_rehashed', ...context })
    return { outcome: 'ok', user, device: known && device ? device : newDevice(user.id) }
  }
}

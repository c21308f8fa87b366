// Checks a login name and a password, with throttling. The login page and the first-party API call it.
// It does the same work for unknown users, wrong passwords and disabled accounts (ASVS 6.3.8).

import type { KeyObject } from 'node:crypto'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { UserId } from '../ids.ts'
import { deriveKey, hashToken, hmac, randomToken, sameSecret } from '../secrets.ts'
import { type LoginAttempts, retryAfterSeconds, type ThrottlePolicy } from '../throttle/login-attempts.ts'
import { networkOf } from '../throttle/network.ts'
import { isActive, normalEmail, normalUsername, type User, type Users } from '../users/user.ts'
import type { PasswordHashing } from './hash.ts'

export type PasswordLogin =
  /** `device` is the new value of the device cookie. */
  | { outcome: 'ok'; user: User; device: string }
  /** An unknown or disabled user, no password, or a wrong password. The caller does not learn which. */
  | { outcome: 'refused' }
  | { outcome: 'throttled'; retryAfterSeconds: number }

export interface PasswordLoginAttempt {
  login: string
  password: string
  ip: string
  requestId: string
  /** The value of the device cookie. */
  device?: string
}

/** @throws {Unavailable} if a store is down or the hash queue is full */
export type LogInByPassword = (attempt: PasswordLoginAttempt) => Promise<PasswordLogin>

/** For one account, or for one known device. */
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

/** For all unknown devices together. In an attack from many networks they share one attempt per second. */
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
  /** The key-encryption keys, newest first. They sign the device cookie. */
  secrets: readonly Uint8Array[]
}): LogInByPassword => {
  const { clock, users, loginAttempts, passwords, audit } = deps
  const deviceKeys = deps.secrets.map((secret) => deriveKey(secret, 'known-device'))

  const signatureOf = (key: KeyObject, deviceId: string, userId: UserId) =>
    hmac(key, `${deviceId}.${userId}`).toString('base64url')

  const newDevice = (userId: UserId): string => {
    const [key] = deviceKeys
    const deviceId = randomToken(16)
    return key === undefined ? '' : `${deviceId}.${signatureOf(key, deviceId, userId)}`
  }

  /** The id of a device from which this user signed in before. */
  const knownDevice = (device: string | undefined, user: User | undefined): string | undefined => {
    const [deviceId, signature, ...rest] = device?.split('.') ?? []
    if (deviceId === undefined || signature === undefined || rest.length > 0 || user === undefined)
      return undefined
    return deviceKeys.some((key) => sameSecret(signature, signatureOf(key, deviceId, user.id)))
      ? deviceId
      : undefined
  }

  const reasonOf = (user: User | undefined): string => {
    if (user === undefined) return 'unknown user'
    if (!isActive(user)) return 'disabled'
    return user.passwordHash === undefined ? 'no password' : 'wrong password'
  }

  return async ({ login, password, ip, requestId, device }) => {
    const now = clock.now()
    const user = await users.findByLogin(login)
    const known = knownDevice(device, user)
    const ownKey = known ? `device:${known}` : `account:${hashToken(normalLogin(login))}`
    const sharedKeys = known ? [] : [`network:${networkOf(ip)}`, 'everyone']
    const context = { ip, requestId, actor: 'user' as const, ...(user && { userId: user.id }) }

    for (const key of [ownKey, ...sharedKeys]) {
      const policy = key === ownKey ? accountPolicy : key === 'everyone' ? globalPolicy : networkPolicy
      const attempt = await loginAttempts.attempt(key, policy, now)
      if (attempt.allowed) continue
      audit({ type: 'login.throttled', ...context, reason: key.split(':')[0] ?? key })
      return { outcome: 'throttled', retryAfterSeconds: retryAfterSeconds(attempt, now) }
    }

    const storedHash = user !== undefined && isActive(user) ? user.passwordHash : undefined
    const verdict = await passwords.verify(password, storedHash).catch(async (error: unknown) => {
      // The password was not checked, so the attempt does not count.
      for (const key of [ownKey, ...sharedKeys]) await loginAttempts.undo(key)
      throw error
    })
    if (user === undefined || storedHash === undefined || verdict === 'differs') {
      audit({ type: 'login.failed', ...context, reason: reasonOf(user) })
      return { outcome: 'refused' }
    }

    await loginAttempts.reset(ownKey)
    for (const key of sharedKeys) await loginAttempts.undo(key)
    if (
      verdict === 'matches_rehash' &&
      (await users.replacePasswordHash(user.id, storedHash, await passwords.hash(password)))
    )
      audit({ type: 'user.password_rehashed', ...context })
    return { outcome: 'ok', user, device: known && device ? device : newDevice(user.id) }
  }
}

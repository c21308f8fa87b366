// Checks a login name and a password, with throttling. The login page and the first-party API call it.
// It does the same work for unknown users, wrong passwords and disabled accounts (ASVS 6.3.8).

import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { retryAfterSeconds } from '../throttle/throttle.ts'
import { isActive, type ReadUser, type User, type Users } from '../users/user.ts'
import type { PasswordHashing } from './hash.ts'
import type { KnownDevices } from './known-device.ts'
import type { SignInThrottle } from './sign-in-throttle.ts'

export type PasswordLogin =
  /**
   * `user` is the record that the password was checked against, read just after `readAt`. `device` is the
   * mark that the device keeps from now on. `isNewDevice`: the device had no mark of this user.
   */
  | ({ outcome: 'ok'; device: string; isNewDevice: boolean } & ReadUser)
  /** An unknown or disabled user, no password, or a wrong password. The caller does not learn which. */
  | { outcome: 'refused' }
  | { outcome: 'throttled'; retryAfterSeconds: number }

export interface PasswordLoginAttempt {
  login: string
  password: string
  ip: string
  requestId: string
  /** The mark of a known device. */
  device?: string
  /** True if a session in a browser follows. */
  startsBrowserSession?: boolean
}

/** @throws {Unavailable} if a store is down or the hash queue is full */
export type LogInByPassword = (attempt: PasswordLoginAttempt) => Promise<PasswordLogin>

const reasonOf = (user: User | undefined): string => {
  if (user === undefined) return 'unknown user'
  if (!isActive(user)) return 'disabled'
  return user.passwordHash === undefined ? 'no password' : 'wrong password'
}

export const createLogInByPassword = (deps: {
  clock: Clock
  users: Users
  signInThrottle: SignInThrottle
  knownDevices: KnownDevices
  passwords: PasswordHashing
  audit: Audit
}): LogInByPassword => {
  const { clock, users, signInThrottle, knownDevices, passwords, audit } = deps

  /**
   * Replaces a hash with old parameters. If another request changed the hash first, checks the password
   * again: that request was a sign-in like this one, or it set a new password.
   */
  const renewHash = async (
    read: ReadUser,
    storedHash: string,
    password: string,
    replaced: () => void,
  ): Promise<ReadUser | undefined> => {
    const passwordHash = await passwords.hash(password, 'known')
    if (await users.replacePasswordHash(read.user.id, storedHash, passwordHash)) {
      replaced()
      return { ...read, user: { ...read.user, passwordHash } }
    }
    const readAt = clock.now()
    const user = await users.find(read.user.id)
    const verdict = await passwords.verify(password, user?.passwordHash, 'known')
    return user === undefined || verdict === 'differs' ? undefined : { user, readAt }
  }

  return async ({ login, password, ip, requestId, device: mark, startsBrowserSession = false }) => {
    const now = clock.now()
    const found = await users.findByLogin(login)
    const device = knownDevices.find(mark, found, now)
    const context = { ip, requestId, actor: 'user' as const, ...(found && { userId: found.id }) }

    const throttled = (refused: { reason: string; retryAt: Date }): PasswordLogin => {
      audit({ type: 'login.throttled', ...context, reason: refused.reason })
      return { outcome: 'throttled', retryAfterSeconds: retryAfterSeconds(refused, now) }
    }

    const admission = await signInThrottle.admit({ login, ip, user: found, device }, now)
    if (admission.outcome === 'refused') return throttled(admission)

    const storedHash = found !== undefined && isActive(found) ? found.passwordHash : undefined
    const verdict = await passwords
      .verify(password, storedHash, admission.known ? 'known' : 'sign_in')
      .catch(async (error: unknown) => {
        await admission.giveBack()
        throw error
      })
    const refuse = (reason: string): PasswordLogin => {
      audit({ type: 'login.failed', ...context, reason })
      return { outcome: 'refused' }
    }
    if (found === undefined || storedHash === undefined || verdict === 'differs')
      return refuse(reasonOf(found))

    const read = { user: found, readAt: now }
    const replaced = () => audit({ type: 'user.password_rehashed', ...context })
    const matched = verdict === 'matches' ? read : await renewHash(read, storedHash, password, replaced)
    if (matched === undefined) return refuse('the password changed during the sign-in')
    const { user } = matched
    await admission.succeeded(user, now)
    if (startsBrowserSession) {
      const session = await signInThrottle.admitBrowserSession(user, device, now)
      if (session.outcome === 'refused') return throttled(session)
    }
    const isStillKnown = knownDevices.find(mark, user, now) !== undefined
    return {
      outcome: 'ok',
      ...matched,
      device: isStillKnown && mark ? mark : knownDevices.mark(user, now),
      isNewDevice: device === undefined,
    }
  }
}

// Checks a login name and a password, with throttling. The login page and the first-party API call it.
// It does the same work for unknown users, wrong passwords and disabled accounts (ASVS 6.3.8).

import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { retryAfterSeconds } from '../throttle/throttle.ts'
import { isActive, type User, type Users } from '../users/user.ts'
import type { PasswordHashing } from './hash.ts'
import type { KnownDevices } from './known-device.ts'
import type { SignInThrottle } from './sign-in-throttle.ts'

export type PasswordLogin =
  /** `device` is the mark that the device keeps from now on. */
  | { outcome: 'ok'; user: User; device: string }
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

  /** Replaces a hash with old parameters. Returns the user with the hash that is stored now. */
  const renewHash = async (user: User, storedHash: string, password: string): Promise<User> => {
    const passwordHash = await passwords.hash(password, 'known')
    return (await users.replacePasswordHash(user.id, storedHash, passwordHash))
      ? { ...user, passwordHash }
      : user
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
    if (found === undefined || storedHash === undefined || verdict === 'differs') {
      audit({ type: 'login.failed', ...context, reason: reasonOf(found) })
      return { outcome: 'refused' }
    }

    const user = verdict === 'matches_rehash' ? await renewHash(found, storedHash, password) : found
    if (user !== found) audit({ type: 'user.password_rehashed', ...context })
    await admission.succeeded(user, now)
    if (startsBrowserSession) {
      const session = await signInThrottle.admitBrowserSession(user, device, now)
      if (session.outcome === 'refused') return throttled(session)
    }
    const isStillKnown = knownDevices.find(mark, user, now) !== undefined
    return { outcome: 'ok', user, device: isStillKnown && mark ? mark : knownDevices.mark(user, now) }
  }
}

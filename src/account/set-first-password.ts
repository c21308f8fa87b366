// POST /account/password/set: the first password of an account that began with Kakao, Google or Naver. It
// needs a recent sign-in, and a name with which the user can sign in.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { single } from '../http/form.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import { passwordStrengthFeedback } from '../passwords/feedback.ts'
import type { PasswordHashing } from '../passwords/hash.ts'
import { type KnownDevices, knownDeviceSeconds } from '../passwords/known-device.ts'
import { type CheckNewPassword, serviceNames } from '../passwords/policy.ts'
import { cookieAttributes, deviceCookieName } from '../sessions/cookie.ts'
import { isRecentlyAuthenticated } from '../sessions/session.ts'
import type { Users } from '../users/user.ts'
import { type AccountAction, type BackToAccount, reauthenticate } from './action.ts'
import type { ShowAccount } from './show-account.ts'

export const createSetFirstPasswordAction =
  (deps: {
    clock: Clock
    users: Users
    passwords: PasswordHashing
    checkNewPassword: CheckNewPassword
    issuer: string
    knownDevices: KnownDevices
    composeNotice: ComposeNotice
    audit: Audit
    show: ShowAccount
    backToAccount: BackToAccount
  }): AccountAction =>
  async (request, reply, signedIn, fields) => {
    const { clock } = deps
    const { user, session } = signedIn
    const { email, username, name } = user
    // The page has no such form for these users.
    if (user.passwordHash !== undefined || (email === undefined && username === undefined))
      return reply.header('cache-control', 'no-store').redirect('/account', 303)
    if (!isRecentlyAuthenticated(session, clock.now())) return reauthenticate(request, reply)
    const password = single(fields, 'password') ?? ''
    const context = auditContext(requestContext(request))
    const [fault] = await deps.checkNewPassword(password, user, { ...context, userId: user.id })
    if (fault !== undefined) {
      const names = [email, username, name].filter((text) => text !== undefined)
      const strength = await passwordStrengthFeedback(password, [...names, ...serviceNames(deps.issuer)])
      return deps.show(request, reply, signedIn, { problem: fault, strength, status: 422 })
    }

    const passwordHash = await deps.passwords.hash(password, 'known')
    const mails = deps.composeNotice(user, { kind: 'password_changed' })
    // The condition of the store refuses a second first password, and a user whose access has ended.
    const changed = await deps.users.changePassword(user, passwordHash, undefined, mails)
    if (changed === undefined) return reply.header('cache-control', 'no-store').redirect('/account', 303)
    deps.audit({
      type: 'user.password_changed',
      actor: 'user',
      userId: user.id,
      sessionId: session.id,
      ...context,
      reason: 'the first password',
    })
    const device = deps.knownDevices.mark(changed, clock.now())
    reply.setCookie(deviceCookieName, device, { ...cookieAttributes, maxAge: knownDeviceSeconds })
    return deps.backToAccount(request, reply, 'password_set')
  }

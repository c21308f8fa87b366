// POST /account/password: checks the current password, stores the new one, and renews this browser's session.
// It ends the other sessions if the user asks for it.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type Fields, single } from '../http/form.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import { passwordStrengthFeedback } from '../passwords/feedback.ts'
import type { PasswordHashing } from '../passwords/hash.ts'
import { type KnownDevices, knownDeviceSeconds } from '../passwords/known-device.ts'
import type { LogInByPassword } from '../passwords/login.ts'
import { type CheckNewPassword, type PasswordFault, serviceNames } from '../passwords/policy.ts'
import { cookieAttributes, deviceCookieName, sessionCookieName } from '../sessions/cookie.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { SignedIn, SignIn } from '../sessions/sign-in.ts'
import { hasEndedSince, type Users } from '../users/user.ts'
import type { BackToAccount } from './action.ts'

export type PasswordChange =
  /** Without a cookie the access of the user ended during the change. */
  | { outcome: 'changed'; cookie?: string; expires?: Date; device: string }
  | { outcome: 'wrong_password' }
  | { outcome: 'throttled'; retryAfterSeconds: number }
  | { outcome: 'invalid'; fault: PasswordFault }

export type ChangePassword = (
  signedIn: SignedIn,
  form: { current: string; password: string; endOthers: boolean; device?: string },
  request: FastifyRequest,
) => Promise<PasswordChange>

export const createChangePassword =
  (deps: {
    clock: Clock
    users: Users
    passwords: PasswordHashing
    checkNewPassword: CheckNewPassword
    logInByPassword: LogInByPassword
    knownDevices: KnownDevices
    signIn: SignIn
    endSessions: EndSessions
    composeNotice: ComposeNotice
    audit: Audit
  }): ChangePassword =>
  async (signedIn, { current, password, endOthers, device }, request) => {
    const { user, session } = signedIn
    // An empty field is no attempt.
    if (current === '') return { outcome: 'wrong_password' }
    const context = requestContext(request)
    const login = user.email ?? user.username ?? ''
    const check = await deps.logInByPassword({
      login,
      password: current,
      ...auditContext(context),
      ...(device && { device }),
    })
    if (check.outcome === 'throttled') return check
    if (check.outcome === 'refused' || check.user.id !== user.id) return { outcome: 'wrong_password' }
    const sender = { ...auditContext(context), userId: user.id }
    const [fault] = await deps.checkNewPassword(password, user, sender)
    if (fault !== undefined) return { outcome: 'invalid', fault }

    const passwordHash = await deps.passwords.hash(password, 'known')
    // Another change may have come first, and this one must not end the sessions of the user who made it.
    if (hasEndedSince(check.user, await deps.users.find(user.id))) return { outcome: 'wrong_password' }
    const endOtherSessions = async () => {
      if (endOthers) await deps.endSessions.ofUser(user.id, session.id)
    }
    // Run before the change, so that the user can retry a failed change. Run again after it, to end sessions
    // that started during it.
    await endOtherSessions()
    const readAt = deps.clock.now()
    const mails = deps.composeNotice(user, { kind: 'password_changed' })
    const cutOff = endOthers ? readAt : undefined
    const changed = await deps.users.changePassword(check.user, passwordHash, cutOff, mails)
    if (changed === undefined) return { outcome: 'wrong_password' }
    await endOtherSessions()
    // The record has the new password and its cut-off, so this sign-in is later than both.
    const renewed = await deps.signIn.inBrowser({ user: changed, readAt, amr: ['pwd'], ...context }, signedIn)
    const reason = endOthers ? 'other sessions ended' : 'other sessions kept'
    deps.audit({
      type: 'user.password_changed',
      actor: 'user',
      userId: user.id,
      sessionId: session.id,
      ...auditContext(context),
      reason,
    })
    return {
      outcome: 'changed',
      ...(renewed && { cookie: renewed.cookie, expires: renewed.session.expiresAt }),
      // The old mark ended with the old password, and this browser remains known.
      device: deps.knownDevices.mark(changed, deps.clock.now()),
    }
  }

type Strength = Awaited<ReturnType<typeof passwordStrengthFeedback>>
type PasswordProblem = 'wrong_password' | 'throttled' | PasswordFault

export const createChangePasswordAction =
  (page: {
    issuer: string
    changePassword: ChangePassword
    show(
      request: FastifyRequest,
      reply: FastifyReply,
      signedIn: SignedIn,
      options: { problem: PasswordProblem; strength?: Strength; status: number; retryAfterSeconds?: number },
    ): Promise<FastifyReply>
    backToAccount: BackToAccount
  }) =>
  async (request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn, fields: Fields) => {
    const device = request.cookies[deviceCookieName]
    const form = {
      current: single(fields, 'current') ?? '',
      password: single(fields, 'password') ?? '',
      endOthers: single(fields, 'end_others') !== undefined,
      ...(device !== undefined && { device }),
    }
    const change = await page.changePassword(signedIn, form, request)
    switch (change.outcome) {
      case 'changed':
        if (change.cookie !== undefined && change.expires !== undefined)
          reply.setCookie(sessionCookieName, change.cookie, { ...cookieAttributes, expires: change.expires })
        reply.setCookie(deviceCookieName, change.device, { ...cookieAttributes, maxAge: knownDeviceSeconds })
        return page.backToAccount(request, reply, 'password_changed')
      case 'wrong_password':
        return page.show(request, reply, signedIn, { problem: 'wrong_password', status: 401 })
      case 'throttled': {
        const { retryAfterSeconds } = change
        return page.show(request, reply, signedIn, { problem: 'throttled', status: 429, retryAfterSeconds })
      }
      case 'invalid': {
        const { email, username, name } = signedIn.user
        const names = [email, username, name].filter((text) => text !== undefined)
        const strength = await passwordStrengthFeedback(form.password, [
          ...names,
          ...serviceNames(page.issuer),
        ])
        return page.show(request, reply, signedIn, { problem: change.fault, strength, status: 422 })
      }
    }
  }

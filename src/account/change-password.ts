// POST /account/password: checks the current password, stores the new one, and renews this browser's session.
// It ends the other sessions if the user asks for it.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type Fields, single } from '../http/form.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { PasswordHashing } from '../passwords/hash.ts'
import { type KnownDevices, knownDeviceSeconds } from '../passwords/known-device.ts'
import type { LogInByPassword } from '../passwords/login.ts'
import type { PasswordFault, PasswordFaults } from '../passwords/policy.ts'
import { cookieAttributes, deviceCookieName, sessionCookieName } from '../sessions/cookie.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { SignedIn, SignIn } from '../sessions/sign-in.ts'
import type { Users } from '../users/user.ts'
import type { BackToAccount } from './action.ts'

export type PasswordChange =
  | { outcome: 'changed'; cookie: string; expires: Date; device: string }
  | { outcome: 'wrong_password' }
  | { outcome: 'throttled'; retryAfterSeconds: number }
  | { outcome: 'invalid'; fault: PasswordFault }

export type ChangePassword = (
  signedIn: SignedIn,
  form: { current: string; password: string; endOthers: boolean; cookie?: string; device?: string },
  request: FastifyRequest,
) => Promise<PasswordChange>

export const createChangePassword =
  (deps: {
    clock: Clock
    users: Users
    passwords: PasswordHashing
    passwordFaults: PasswordFaults
    logInByPassword: LogInByPassword
    knownDevices: KnownDevices
    signIn: SignIn
    endSessions: EndSessions
    audit: Audit
  }): ChangePassword =>
  async ({ user, session }, { current, password, endOthers, cookie, device }, request) => {
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
    const { email, username, name } = user
    const [fault] = deps.passwordFaults(password, {
      ...(email !== undefined && { email }),
      ...(username !== undefined && { username }),
      ...(name !== undefined && { name }),
    })
    if (fault !== undefined) return { outcome: 'invalid', fault }

    const passwordHash = await deps.passwords.hash(password, 'known')
    const endOtherSessions = async () => {
      if (endOthers) await deps.endSessions.ofUser(user.id, session.id)
    }
    // Run before the change, so that the user can retry a failed change. Run again after it, to end sessions
    // that started during it.
    await endOtherSessions()
    await deps.users.change(user.id, { passwordHash }, deps.clock.now())
    await endOtherSessions()
    const renewed = await deps.signIn.inBrowser({ user, amr: ['pwd'], ...context }, cookie)
    const reason = endOthers ? 'other sessions ended' : 'other sessions kept'
    deps.audit({
      type: 'user.password_changed',
      actor: 'user',
      userId: user.id,
      sessionId: session.id,
      ...auditContext(context),
      reason,
    })
    // The old mark ended with the old password, and this browser remains known.
    const mark = deps.knownDevices.mark({ ...user, passwordHash }, deps.clock.now())
    return { outcome: 'changed', cookie: renewed.cookie, expires: renewed.session.expiresAt, device: mark }
  }

type PasswordProblem = 'wrong_password' | 'throttled' | PasswordFault

export const createChangePasswordAction =
  (page: {
    changePassword: ChangePassword
    show(
      request: FastifyRequest,
      reply: FastifyReply,
      signedIn: SignedIn,
      options: { problem: PasswordProblem; status: number; retryAfterSeconds?: number },
    ): Promise<FastifyReply>
    backToAccount: BackToAccount
  }) =>
  async (request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn, fields: Fields) => {
    const cookie = request.cookies[sessionCookieName]
    const device = request.cookies[deviceCookieName]
    const form = {
      current: single(fields, 'current') ?? '',
      password: single(fields, 'password') ?? '',
      endOthers: single(fields, 'end_others') !== undefined,
      ...(cookie !== undefined && { cookie }),
      ...(device !== undefined && { device }),
    }
    const change = await page.changePassword(signedIn, form, request)
    switch (change.outcome) {
      case 'changed':
        reply.setCookie(sessionCookieName, change.cookie, { ...cookieAttributes, expires: change.expires })
        reply.setCookie(deviceCookieName, change.device, { ...cookieAttributes, maxAge: knownDeviceSeconds })
        return page.backToAccount(request, reply, 'password_changed')
      case 'wrong_password':
        return page.show(request, reply, signedIn, { problem: 'wrong_password', status: 401 })
      case 'throttled': {
        const { retryAfterSeconds } = change
        return page.show(request, reply, signedIn, { problem: 'throttled', status: 429, retryAfterSeconds })
      }
      case 'invalid':
        return page.show(request, reply, signedIn, { problem: change.fault, status: 422 })
    }
  }

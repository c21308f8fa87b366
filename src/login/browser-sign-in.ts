// The last step of every login method on the hosted pages: session, cookies and audit event.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { ClientId } from '../ids.ts'
import { knownDeviceSeconds } from '../passwords/known-device.ts'
import { cookieAttributes, deviceCookieName, sessionCookieName } from '../sessions/cookie.ts'
import { endedDuringSignIn, type SignIn } from '../sessions/sign-in.ts'
import type { ReadUser } from '../users/user.ts'

/** A successful check of a password or a provider. `device` is the value for the device cookie. */
export interface CheckedLogin extends ReadUser {
  amr: readonly string[]
  device?: string
}

/** 'ended': the access of the user ended during the sign-in, and the browser gets no session. */
export type SignInInBrowser = (
  request: FastifyRequest,
  reply: FastifyReply,
  login: CheckedLogin & { clientId?: ClientId },
) => Promise<'signed_in' | 'ended'>

export const createSignInInBrowser =
  (deps: { signIn: SignIn; audit: Audit; absoluteTtlSeconds: number }): SignInInBrowser =>
  async (request, reply, { user, readAt, amr, device, clientId }) => {
    const { signIn, audit } = deps
    const context = requestContext(request)
    const facts = {
      actor: 'user' as const,
      userId: user.id,
      ...(clientId !== undefined && { clientId }),
      ...auditContext(context),
    }
    const before = await signIn.fromCookie(request.cookies[sessionCookieName])
    const signedIn = await signIn.inBrowser({ user, readAt, amr, ...context }, before)
    if (signedIn === undefined) {
      audit({ type: 'login.failed', ...facts, reason: endedDuringSignIn })
      return 'ended'
    }
    reply.setCookie(sessionCookieName, signedIn.cookie, {
      ...cookieAttributes,
      maxAge: deps.absoluteTtlSeconds,
    })
    if (device) reply.setCookie(deviceCookieName, device, { ...cookieAttributes, maxAge: knownDeviceSeconds })
    audit({ type: 'login.succeeded', ...facts, sessionId: signedIn.session.id, reason: amr.join(' ') })
    return 'signed_in'
  }

// The last step of every login method on the hosted pages: session, cookies and audit event.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { ClientId } from '../ids.ts'
import { knownDeviceSeconds } from '../passwords/known-device.ts'
import { cookieAttributes, deviceCookieName, sessionCookieName } from '../sessions/cookie.ts'
import type { SignIn } from '../sessions/sign-in.ts'
import type { User } from '../users/user.ts'

/** `device` is the value for the device cookie, which a password login returns. */
export type SignInInBrowser = (
  request: FastifyRequest,
  reply: FastifyReply,
  login: { user: User; amr: readonly string[]; device?: string; clientId?: ClientId },
) => Promise<void>

export const createSignInInBrowser =
  (deps: { signIn: SignIn; audit: Audit; absoluteTtlSeconds: number }): SignInInBrowser =>
  async (request, reply, { user, amr, device, clientId }) => {
    const context = requestContext(request)
    const { session, cookie } = await deps.signIn.inBrowser(
      { user, amr, ...context },
      request.cookies[sessionCookieName],
    )
    reply.setCookie(sessionCookieName, cookie, { ...cookieAttributes, maxAge: deps.absoluteTtlSeconds })
    if (device) reply.setCookie(deviceCookieName, device, { ...cookieAttributes, maxAge: knownDeviceSeconds })
    deps.audit({
      type: 'login.succeeded',
      actor: 'user',
      userId: user.id,
      sessionId: session.id,
      ...(clientId !== undefined && { clientId }),
      ...auditContext(context),
      reason: amr.join(' '),
    })
  }

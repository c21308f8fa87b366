// The last step of every way to sign in on the hosted pages: session, cookies, audit.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { ClientId } from '../ids.ts'
import { cookieAttributes, deviceCookieName, sessionCookieName } from '../sessions/cookie.ts'
import type { SignIn } from '../sessions/sign-in.ts'
import type { User } from '../users/user.ts'

export type SignInInBrowser = (
  request: FastifyRequest,
  reply: FastifyReply,
  who: { user: User; amr: readonly string[]; device?: string; clientId?: ClientId },
) => Promise<void>

const aYearInSeconds = 31_536_000

export const createSignInInBrowser =
  (deps: { signIn: SignIn; audit: Audit; absoluteTtlSeconds: number }): SignInInBrowser =>
  async (request, reply, { user, amr, device, clientId }) => {
    const context = requestContext(request)
    const { session, cookie } = await deps.signIn.inBrowser(
      { user, amr, ...context },
      request.cookies[sessionCookieName],
    )
    reply.setCookie(sessionCookieName, cookie, { ...cookieAttributes, maxAge: deps.absoluteTtlSeconds })
    if (device) reply.setCookie(deviceCookieName, device, { ...cookieAttributes, maxAge: aYearInSeconds })
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

// The cookie that binds a sign-in at a provider to the browser that started it. All tabs share this cookie.
// It is not a session cookie.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashToken, randomToken } from '../../secrets.ts'
import { cookieAttributes } from '../../sessions/cookie.ts'
import { upstreamAttemptTtlSeconds } from '../../sessions/upstream-attempt.ts'

export const upstreamCookieName = '__Host-dojang_upstream'

/**
 * The cookie is SameSite=Lax: the provider's redirect to the callback is cross-site (G2 in docs/security.md).
 */
export const browserHashOf = (request: FastifyRequest): string | undefined => {
  const value = request.cookies[upstreamCookieName]
  return value !== undefined && /^[\w-]{43}$/.test(value) ? hashToken(value) : undefined
}

/** Sets the cookie, or extends its lifetime if the browser has one. Returns the hash of its value. */
export const bindBrowser = (request: FastifyRequest, reply: FastifyReply): string => {
  const known = browserHashOf(request) !== undefined ? request.cookies[upstreamCookieName] : undefined
  const value = known ?? randomToken()
  // Long enough for an attempt and the link confirmation that may follow.
  reply.setCookie(upstreamCookieName, value, { ...cookieAttributes, maxAge: 2 * upstreamAttemptTtlSeconds })
  return hashToken(value)
}

// The cookie that binds a link confirmation to the browser that signed in at the provider. All tabs share it.
// It is not a session cookie.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashToken, randomToken } from '../../secrets.ts'
import { cookieAttributes } from '../../sessions/cookie.ts'
import { upstreamAttemptTtlSeconds } from '../../sessions/upstream-attempt.ts'

export const linkCookieName = '__Host-dojang_link'

/** The cookie is SameSite=Lax, because a confirmation by another provider ends in a cross-site redirect. */
export const browserHashOf = (request: FastifyRequest): string | undefined => {
  const value = request.cookies[linkCookieName]
  return value !== undefined && /^[\w-]{43}$/.test(value) ? hashToken(value) : undefined
}

/** Sets the cookie, or extends its lifetime if the browser has one. Returns the hash of its value. */
export const bindBrowser = (request: FastifyRequest, reply: FastifyReply): string => {
  const known = browserHashOf(request) !== undefined ? request.cookies[linkCookieName] : undefined
  const value = known ?? randomToken()
  // Long enough for the link confirmation, and for a sign-in at another provider that confirms it.
  reply.setCookie(linkCookieName, value, { ...cookieAttributes, maxAge: 2 * upstreamAttemptTtlSeconds })
  return hashToken(value)
}

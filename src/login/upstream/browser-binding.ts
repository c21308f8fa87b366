// The cookie that binds a sign-in at a provider to the browser that began it. One for all tabs; it says nothing of who
// is signed in, and nobody is signed in by it.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashToken, randomToken } from '../../secrets.ts'
import { cookieAttributes } from '../../sessions/cookie.ts'
import { upstreamAttemptTtlSeconds } from '../../sessions/upstream-attempt.ts'

export const upstreamCookieName = '__Host-dojang_upstream'

/** Lax, not Strict: the way back from the provider is a cross-site link (checklist G2). */
export const browserHashOf = (request: FastifyRequest): string | undefined => {
  const value = request.cookies[upstreamCookieName]
  return value !== undefined && /^[\w-]{43}$/.test(value) ? hashToken(value) : undefined
}

/** Gives the browser its cookie, or a longer life to the one it has. */
export const bindBrowser = (request: FastifyRequest, reply: FastifyReply): string => {
  const known = browserHashOf(request) !== undefined ? request.cookies[upstreamCookieName] : undefined
  const value = known ?? randomToken()
  // An attempt and the offered link that may follow it.
  reply.setCookie(upstreamCookieName, value, { ...cookieAttributes, maxAge: 2 * upstreamAttemptTtlSeconds })
  return hashToken(value)
}

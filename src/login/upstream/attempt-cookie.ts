// The cookies that carry sign-ins in progress at a provider. Each attempt has its own cookie, so that two
// tabs can sign in at the same time. Only the browser that started an attempt has its cookie.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashToken } from '../../secrets.ts'
import { cookieAttributes } from '../../sessions/cookie.ts'
import { upstreamAttemptTtlSeconds } from '../../sessions/upstream-attempt.ts'

const prefix = '__Host-dojang_upstream_'

/** The state itself must not be readable in the cookie's name. */
const nameOf = (state: string): string => `${prefix}${hashToken(state).slice(0, 22)}`

/** Longer attempts of other tabs are dropped. The server refuses headers of more than 16 KB. */
const maxOtherLength = 4000

/**
 * The cookie is SameSite=Lax: the provider's redirect to the callback is cross-site (G2 in docs/security.md).
 */
export const keepAttempt = (request: FastifyRequest, reply: FastifyReply, state: string, sealed: string) => {
  const others = Object.entries(request.cookies).filter(([name]) => name.startsWith(prefix))
  const length = others.reduce((sum, [name, value = '']) => sum + name.length + value.length, 0)
  if (length > maxOtherLength) for (const [name] of others) reply.clearCookie(name, cookieAttributes)
  reply.setCookie(nameOf(state), sealed, { ...cookieAttributes, maxAge: upstreamAttemptTtlSeconds })
}

export const attemptCookie = (request: FastifyRequest, state: string): string | undefined =>
  request.cookies[nameOf(state)]

export const dropAttempt = (reply: FastifyReply, state: string) =>
  reply.clearCookie(nameOf(state), cookieAttributes)

// The refresh token that a request carries: in the body, or in the cookie of our own pages.
import type { FastifyRequest } from 'fastify'
import { ProblemError } from '../http/problem.ts'
import { isSameOrigin } from '../http/same-origin.ts'
import { refreshCookieName } from '../sessions/cookie.ts'
import { type Members, missing, optionalText, readBody } from './members.ts'

export interface SentRefreshToken {
  token: string
  byCookie: boolean
}

/**
 * The body may use the name of /api/token or that of RFC 6749 §6. 'cross_site': there is only a cookie, and a
 * page of another site sent the request.
 * @throws {ProblemError} 400 if the member is not a string
 */
export const sentRefreshToken = (
  request: FastifyRequest,
  body: Members,
  issuer: string,
): SentRefreshToken | 'cross_site' | undefined => {
  const token = optionalText(body, 'refresh') ?? optionalText(body, 'refresh_token')
  if (token !== undefined) return { token, byCookie: false }
  const cookie = request.cookies[refreshCookieName]
  if (cookie === undefined) return undefined
  const byBrowser = request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined
  return byBrowser && !isSameOrigin(request, issuer) ? 'cross_site' : { token: cookie, byCookie: true }
}

/** @throws {ProblemError} 400 if there is no refresh token, 403 for the cookie in a cross-site request */
export const requiredRefreshToken = (request: FastifyRequest, issuer: string): SentRefreshToken => {
  const sent = sentRefreshToken(request, readBody(request), issuer)
  if (sent === undefined) throw missing(['refresh'])
  if (sent === 'cross_site')
    throw new ProblemError({
      status: 403,
      code: 'forbidden',
      detail: { en: 'This request came from another site.', ko: '다른 사이트에서 보낸 요청이에요.' },
    })
  return sent
}

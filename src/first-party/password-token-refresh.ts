// POST /api/token/refresh: a new access token for a family that a sign-in at /api/token started.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { ProblemError } from '../http/problem.ts'
import { requestContext } from '../http/request-context.ts'
import type { Refresh } from '../tokens/refresh.ts'
import { readBody } from './members.ts'
import { type SentRefreshToken, sentRefreshToken } from './sent-refresh-token.ts'
import { clearRefreshCookie, deliverTokens } from './token-delivery.ts'

/** @throws {ProblemError} 400 if there is no refresh token, 403 for the cookie in a cross-site request */
const readRefreshToken = (request: FastifyRequest, issuer: string): SentRefreshToken => {
  const sent = sentRefreshToken(request, readBody(request), issuer)
  if (sent === undefined)
    throw new ProblemError({
      status: 400,
      code: 'invalid_request',
      detail: 'The member refresh is missing.',
    })
  if (sent === 'cross_site')
    throw new ProblemError({
      status: 403,
      code: 'forbidden',
      detail: 'This request came from another site.',
    })
  return sent
}

export const createPasswordTokenRefreshEndpoint =
  (deps: { clock: Clock; refresh: Refresh; issuer: string }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const { token, byCookie } = readRefreshToken(request, deps.issuer)
    const refreshed = await deps.refresh({ token, startedBy: 'password', ...requestContext(request) })
    reply.header('cache-control', 'no-store')
    if (refreshed.outcome !== 'refreshed') {
      if (byCookie) clearRefreshCookie(reply)
      throw new ProblemError(
        {
          status: 401,
          code: 'invalid_grant',
          detail: 'The refresh token is invalid, expired, revoked or already used.',
        },
        refreshed.outcome === 'refused' ? `refresh token ${refreshed.reason}` : refreshed.outcome,
      )
    }
    return reply.send(deliverTokens(reply, { ...refreshed, byCookie, now: deps.clock.now() }))
  }

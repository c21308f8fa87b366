// POST /api/token/refresh: a new access token for a family that a sign-in at /api/token started.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { requestContext } from '../http/request-context.ts'
import type { Refresh } from '../tokens/refresh.ts'
import { requiredRefreshToken } from './sent-refresh-token.ts'
import { askedFor, clearRefreshCookie, deliverTokens } from './token-delivery.ts'
import { tokenNotValid } from './token-not-valid.ts'

export const createPasswordTokenRefreshEndpoint =
  (deps: { clock: Clock; refresh: Refresh; issuer: string }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const { token, byCookie } = requiredRefreshToken(request, deps.issuer)
    const refreshed = await deps.refresh({ token, startedBy: 'password', ...requestContext(request) })
    reply.header('cache-control', 'no-store')
    if (refreshed.outcome !== 'refreshed') {
      if (byCookie) clearRefreshCookie(reply)
      throw tokenNotValid(
        {
          en: 'The refresh token is invalid, expired, revoked or already used.',
          ko: '유효하지 않거나 만료되었거나 폐기되었거나 이미 사용한 리프레시 토큰이에요.',
        },
        refreshed.outcome === 'refused' ? `refresh token ${refreshed.reason}` : refreshed.outcome,
      )
    }
    return reply.send(
      deliverTokens(reply, { ...refreshed, ...askedFor(request), byCookie, now: deps.clock.now() }),
    )
  }

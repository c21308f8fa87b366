// POST /api/token/blacklist: the logout of front ends that were written for SimpleJWT. It ends the session of
// the refresh token, as /api/logout does, so that its access tokens are revoked too.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { allowOnlyPagesOf } from '../http/cors.ts'
import type { FindFamily } from './find-family.ts'
import { requiredRefreshToken } from './sent-refresh-token.ts'
import type { SignOut } from './sign-out.ts'
import { clearRefreshCookie } from './token-delivery.ts'
import { tokenNotValid } from './token-not-valid.ts'

export const createBlacklistTokenEndpoint =
  (deps: { findFamily: FindFamily; signOut: SignOut; issuer: string }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const { token, byCookie } = requiredRefreshToken(request, deps.issuer)
    const ending = await deps.findFamily(token)
    if (ending === undefined)
      throw tokenNotValid(
        { en: 'The refresh token is invalid or expired.', ko: '유효하지 않거나 만료된 리프레시 토큰이에요.' },
        'refresh token unknown or expired',
      )
    allowOnlyPagesOf(ending.client, request, reply)
    await deps.signOut(ending, request)
    if (byCookie) clearRefreshCookie(reply)
    return reply.header('cache-control', 'no-store').send({})
  }

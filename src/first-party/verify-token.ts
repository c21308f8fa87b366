// POST /api/token/verify: whether an access token still works at /api, for front ends that were written for
// SimpleJWT. A refresh token is not checked here: only its use shows whether it was stolen.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CheckCaller } from './caller.ts'
import { readBody, requiredText } from './members.ts'
import { tokenNotValid } from './token-not-valid.ts'

export const createVerifyTokenEndpoint =
  ({ checkCaller }: { checkCaller: CheckCaller }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const checked = await checkCaller(request, reply, requiredText(readBody(request), 'token'))
    if (checked.outcome === 'refused')
      throw tokenNotValid(
        {
          en: 'The access token is invalid, expired or revoked.',
          ko: '유효하지 않거나 만료되었거나 폐기된 액세스 토큰이에요.',
        },
        checked.reason,
      )
    return reply.header('cache-control', 'no-store').send({})
  }

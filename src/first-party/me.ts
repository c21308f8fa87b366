// GET /api/users/me: the user of the access token.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuthenticateCaller } from './caller.ts'
import { userJson } from './user-json.ts'

export const createMeEndpoint =
  ({ authenticate }: { authenticate: AuthenticateCaller }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const { user } = await authenticate(request, reply)
    return reply.header('cache-control', 'no-store').send(userJson(user))
  }

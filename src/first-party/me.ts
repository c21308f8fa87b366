// GET /api/users/me: the user of the access token, with the members that its scopes allow.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuthenticateCaller } from './caller.ts'
import { allowedMembers, userJson } from './user-json.ts'

export const createMeEndpoint =
  ({ authenticate }: { authenticate: AuthenticateCaller }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const { user, claims } = await authenticate(request, reply)
    return reply.header('cache-control', 'no-store').send(allowedMembers(userJson(user), claims.scopes))
  }

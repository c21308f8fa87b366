// GET|POST /userinfo (OIDC Core §5.3): who the token speaks for, as far as its scopes open it.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clients } from '../clients/client.ts'
import { bearerToken } from '../http/bearer.ts'
import { allowOnlyPagesOf } from '../http/cors.ts'
import type { VerifyAccessToken } from '../tokens/access-token.ts'
import { personalClaims } from '../tokens/id-token.ts'
import { checkUser, type Users } from '../users/user.ts'
import { bearerChallenge } from './errors.ts'

export const createUserinfoEndpoint =
  ({
    verifyAccessToken,
    users,
    clients,
  }: {
    verifyAccessToken: VerifyAccessToken
    users: Users
    clients: Clients
  }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const token = bearerToken(request)
    if (token === undefined) throw bearerChallenge(undefined, undefined, 'no token')
    const verified = await verifyAccessToken(token)
    if (verified.outcome === 'invalid') throw bearerChallenge('invalid_token', undefined, verified.reason)
    const { scopes, sub, sid, client_id } = verified.claims
    if (request.headers.origin !== undefined)
      allowOnlyPagesOf((await clients.find(client_id)) ?? { origins: [] }, request, reply)
    if (!scopes.includes('openid')) throw bearerChallenge('insufficient_scope', 'openid')
    const check = checkUser(sid === undefined ? undefined : await users.find(sub))
    if (check.outcome === 'unusable') throw bearerChallenge('invalid_token', undefined, check.reason)
    return reply.send({ ...personalClaims(check.user, scopes), sub: check.user.id })
  }

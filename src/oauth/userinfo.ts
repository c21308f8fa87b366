// GET|POST /userinfo (OIDC Core §5.3): the user of an access token, with the claims that its scopes allow.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clients } from '../clients/client.ts'
import { bearerToken } from '../http/bearer.ts'
import { allowOnlyPagesOf } from '../http/cors.ts'
import type { VerifyAccessToken } from '../tokens/access-token.ts'
import { isForAudience, type OwnAudiences } from '../tokens/audience.ts'
import { personalClaims } from '../tokens/id-token.ts'
import { storedStandardClaims } from '../tokens/standard-claims.ts'
import { checkUser, type Users } from '../users/user.ts'
import { bearerChallenge } from './errors.ts'

export const createUserinfoEndpoint =
  ({
    verifyAccessToken,
    users,
    clients,
    issuer,
    defaultAudience,
  }: {
    verifyAccessToken: VerifyAccessToken
    users: Users
    clients: Clients
  } & OwnAudiences) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const token = bearerToken(request)
    if (token === undefined) throw bearerChallenge({ reason: 'no token' })
    const verified = await verifyAccessToken(token)
    if (verified.outcome === 'invalid')
      throw bearerChallenge({ problem: 'invalid_token', reason: verified.reason })
    const { scopes, sub, sid, client_id } = verified.claims
    // An API that received a token must not read here what it does not know (RFC 9068 §4).
    if (!isForAudience(verified.claims, [issuer, defaultAudience]))
      throw bearerChallenge({ problem: 'invalid_token', reason: 'another audience' })
    if (request.headers.origin !== undefined)
      allowOnlyPagesOf((await clients.find(client_id)) ?? { origins: [] }, request, reply)
    if (!scopes.includes('openid')) throw bearerChallenge({ problem: 'insufficient_scope', scope: 'openid' })
    const check = checkUser(sid === undefined ? undefined : await users.find(sub))
    if (check.outcome === 'unusable')
      throw bearerChallenge({ problem: 'invalid_token', reason: check.reason })
    const { user } = check
    const claims = { ...storedStandardClaims(user, scopes), ...personalClaims(user, scopes) }
    return reply.send({ ...claims, sub: user.id })
  }

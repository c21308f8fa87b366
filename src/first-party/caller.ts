// Authenticates the user and the client of a first-party API call by its access token (RFC 6750).

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Client, Clients } from '../clients/client.ts'
import { bearerToken } from '../http/bearer.ts'
import { allowOnlyPagesOf } from '../http/cors.ts'
import { ProblemError } from '../http/problem.ts'
import type { FamilyId } from '../ids.ts'
import type { AccessTokenClaims, VerifyAccessToken } from '../tokens/access-token.ts'
import { isForAudience } from '../tokens/audience.ts'
import { checkUser, type User, type Users } from '../users/user.ts'

export interface Caller {
  claims: AccessTokenClaims & { sid: FamilyId }
  user: User
  client: Client
}

export type AuthenticateCaller = (request: FastifyRequest, reply: FastifyReply) => Promise<Caller>

/**
 * The token must be for the default audience: an API that received a token must not act here as its user.
 * @throws {ProblemError} 401 with a Bearer challenge, or 403 for the token of a third-party client
 */
export const createAuthenticateCaller =
  (deps: {
    verifyAccessToken: VerifyAccessToken
    users: Users
    clients: Clients
    defaultAudience: string
  }): AuthenticateCaller =>
  async (request, reply) => {
    /** Without a token the challenge has no error code (RFC 6750 §3.1). */
    const refuse = (error: string | undefined, reason: string) => {
      reply.header('www-authenticate', `Bearer realm="dojang"${error ? `, error="${error}"` : ''}`)
      const code = error ?? 'token_required'
      return new ProblemError({ status: 401, code, detail: 'A valid access token is required.' }, reason)
    }
    const token = bearerToken(request)
    if (token === undefined) throw refuse(undefined, 'no token')
    const verified = await deps.verifyAccessToken(token)
    if (verified.outcome === 'invalid') throw refuse('invalid_token', verified.reason)
    const { claims } = verified
    if (!isForAudience(claims, [deps.defaultAudience])) throw refuse('invalid_token', 'another audience')
    if (claims.sid === undefined) throw refuse('invalid_token', 'not a user token')
    const [found, client] = await Promise.all([
      deps.users.find(claims.sub),
      deps.clients.find(claims.client_id),
    ])
    const check = checkUser(found)
    if (check.outcome === 'unusable') throw refuse('invalid_token', check.reason)
    if (client === undefined) throw refuse('invalid_token', 'client deleted')
    allowOnlyPagesOf(client, request, reply)
    if (!client.firstParty)
      throw new ProblemError({
        status: 403,
        code: 'first_party_only',
        detail: 'Only first-party clients may use this API.',
      })
    return { claims: { ...claims, sid: claims.sid }, user: check.user, client }
  }

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

export type CheckedCaller =
  | { outcome: 'caller'; caller: Caller }
  /** `error` is for the Bearer challenge. It is absent if the request has no token (RFC 6750 §3.1). */
  | { outcome: 'refused'; error?: 'invalid_token'; reason: string }

/**
 * Whether the access token works at this API. Most requests have it in the Authorization header.
 * @throws {ProblemError} 403 for the token of a third-party client
 */
export type CheckCaller = (
  request: FastifyRequest,
  reply: FastifyReply,
  token: string | undefined,
) => Promise<CheckedCaller>

export type AuthenticateCaller = (request: FastifyRequest, reply: FastifyReply) => Promise<Caller>

const refused = (reason: string): CheckedCaller => ({ outcome: 'refused', error: 'invalid_token', reason })

/** @throws {ProblemError} 403 */
export const refuseThirdParty = ({ firstParty }: Client): void => {
  if (firstParty) return
  throw new ProblemError({
    status: 403,
    code: 'first_party_only',
    detail: {
      en: 'Only first-party clients may use this API.',
      ko: '자사 클라이언트만 이 API를 쓸 수 있어요.',
    },
  })
}

/** The token must be for the default audience: an API that received a token must not act here as its user. */
export const createCheckCaller =
  (deps: {
    verifyAccessToken: VerifyAccessToken
    users: Users
    clients: Clients
    defaultAudience: string
  }): CheckCaller =>
  async (request, reply, token) => {
    if (token === undefined) return { outcome: 'refused', reason: 'no token' }
    const verified = await deps.verifyAccessToken(token)
    if (verified.outcome === 'invalid') return refused(verified.reason)
    const { claims } = verified
    if (!isForAudience(claims, [deps.defaultAudience])) return refused('another audience')
    if (claims.sid === undefined) return refused('not a user token')
    const [found, client] = await Promise.all([
      deps.users.find(claims.sub),
      deps.clients.find(claims.client_id),
    ])
    const check = checkUser(found)
    if (check.outcome === 'unusable') return refused(check.reason)
    if (client === undefined) return refused('client deleted')
    allowOnlyPagesOf(client, request, reply)
    refuseThirdParty(client)
    return { outcome: 'caller', caller: { claims: { ...claims, sid: claims.sid }, user: check.user, client } }
  }

/** The answer to a caller without a valid token: 401 with a Bearer challenge. */
export const tokenRequired = (
  reply: FastifyReply,
  { error, reason }: Extract<CheckedCaller, { outcome: 'refused' }>,
): ProblemError => {
  reply.header('www-authenticate', `Bearer realm="dojang"${error ? `, error="${error}"` : ''}`)
  const code = error ?? 'token_required'
  return new ProblemError(
    {
      status: 401,
      code,
      detail: { en: 'A valid access token is required.', ko: '유효한 액세스 토큰이 필요해요.' },
    },
    reason,
  )
}

/** @throws {ProblemError} 401 with a Bearer challenge, or 403 for the token of a third-party client */
export const createAuthenticateCaller =
  (checkCaller: CheckCaller): AuthenticateCaller =>
  async (request, reply) => {
    const checked = await checkCaller(request, reply, bearerToken(request))
    if (checked.outcome === 'refused') throw tokenRequired(reply, checked)
    return checked.caller
  }

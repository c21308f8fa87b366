// POST /introspect (RFC 7662): is a token active? The client of the token and the services of its audience
// may ask. Every other caller gets exactly {"active":false} (§2.2).

import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Client, type Clients, isPublic } from '../clients/client.ts'
import { type Clock, epochSeconds } from '../clock.ts'
import { formFields } from '../http/form.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { VerifyAccessToken } from '../tokens/access-token.ts'
import type { RefreshTokenFormat } from '../tokens/refresh-token-format.ts'
import { checkUser, type Users } from '../users/user.ts'
import type { AuthenticateClient } from './client-auth.ts'
import { invalidClient } from './errors.ts'
import { readParams, required } from './params.ts'

const inactive = { active: false } as const

export const createIntrospectionEndpoint = (deps: {
  authenticateClient: AuthenticateClient
  clock: Clock
  clients: Clients
  users: Users
  refreshTokenFormat: RefreshTokenFormat
  refreshTokens: RefreshTokens
  verifyAccessToken: VerifyAccessToken
  issuer: string
}) => {
  /** verifyAccessToken reads the blacklist, which lists ended sessions. The session needs no other check. */
  const accessToken = async (token: string, caller: Client) => {
    const verified = await deps.verifyAccessToken(token)
    if (verified.outcome === 'invalid') return inactive
    const { claims } = verified
    const audiences = typeof claims.aud === 'string' ? [claims.aud] : claims.aud
    const mayRead =
      claims.client_id === caller.id || audiences.some((aud) => caller.introspects.includes(aud))
    if (!mayRead) return inactive
    const [client, user] = await Promise.all([
      deps.clients.find(claims.client_id),
      claims.sid === undefined ? undefined : deps.users.find(claims.sub),
    ])
    if (client === undefined) return inactive
    if (claims.sid !== undefined && checkUser(user).outcome === 'unusable') return inactive
    const { iss, sub, aud, exp, iat, jti, client_id, scope, sid, auth_time, amr } = claims
    // As the user is now, not as the token says: an admin may have removed a role since.
    const { roles, onboarded, username } = user ?? { ...claims, username: undefined }
    return {
      active: true,
      token_type: 'Bearer',
      iss,
      sub,
      aud,
      exp,
      iat,
      jti,
      client_id,
      scope,
      roles,
      ...(sid !== undefined && { sid, auth_time, amr, onboarded }),
      ...(username !== undefined && { username }),
    }
  }

  /**
   * Only the current generation is active, and only for its own client. Families end before their session, so
   * the session needs no check here either.
   */
  const refreshToken = async (token: string, caller: Client) => {
    const parsed = deps.refreshTokenFormat.read(token)
    const family = parsed && (await deps.refreshTokens.find(parsed.familyId))
    if (!parsed || !family || !deps.refreshTokenFormat.tagMatches(parsed, family)) return inactive
    const now = deps.clock.now()
    const isLive = !family.revokedAt && now < family.expiresAt && now < family.idleExpiresAt
    if (family.clientId !== caller.id || !isLive || parsed.generation !== family.generation) return inactive
    const user = await deps.users.find(family.userId)
    if (checkUser(user).outcome === 'unusable') return inactive
    return {
      active: true,
      iss: deps.issuer,
      sub: family.userId,
      client_id: family.clientId,
      scope: family.scope.join(' '),
      iat: epochSeconds(family.rotatedAt),
      exp: epochSeconds(family.idleExpiresAt),
    }
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const params = readParams(formFields(request))
    const caller = await deps.authenticateClient(request, params)
    if (isPublic(caller)) throw invalidClient('a public client may not introspect', { challenge: false })
    const token = required(params, 'token')
    const answer = token.startsWith('drt_')
      ? await refreshToken(token, caller)
      : await accessToken(token, caller)
    return reply.send(answer)
  }
}

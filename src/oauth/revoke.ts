// POST /revoke (RFC 7009). A refresh token is revoked with its whole family and the family's access tokens
// (§2.1). An unknown or expired token is a success (§2.2).

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Client } from '../clients/client.ts'
import { type Clock, fromEpochSeconds } from '../clock.ts'
import { allowOnlyPagesOf } from '../http/cors.ts'
import { formFields } from '../http/form.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { type Blacklist, revocationOf } from '../revocation/blacklist.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { VerifyAccessToken } from '../tokens/access-token.ts'
import type { RefreshTokenFormat } from '../tokens/refresh-token-format.ts'
import type { AuthenticateClient } from './client-auth.ts'
import { readParams, required } from './params.ts'

export const createRevocationEndpoint = (deps: {
  authenticateClient: AuthenticateClient
  clock: Clock
  refreshTokenFormat: RefreshTokenFormat
  refreshTokens: RefreshTokens
  verifyAccessToken: VerifyAccessToken
  blacklist: Blacklist
  endSessions: EndSessions
  audit: Audit
}) => {
  /** Revokes the token if it is the client's. Returns facts for the audit log if something was revoked. */
  const revoke = async (token: string, client: Client) => {
    const parsed = deps.refreshTokenFormat.read(token)
    if (parsed !== undefined) {
      const family = await deps.refreshTokens.find(parsed.familyId)
      if (!family || !deps.refreshTokenFormat.tagMatches(parsed, family) || family.clientId !== client.id)
        return undefined
      await deps.endSessions.family(family)
      return { userId: family.userId, familyId: family.id, reason: 'refresh token' }
    }
    const verified = await deps.verifyAccessToken(token)
    if (verified.outcome === 'invalid' || verified.claims.client_id !== client.id) return undefined
    const { jti, exp } = verified.claims
    await deps.blacklist.add(
      revocationOf('jti', jti, deps.clock.now(), { tokenExpiresAt: fromEpochSeconds(exp) }),
    )
    return { reason: 'access token' }
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const params = readParams(formFields(request))
    const client = await deps.authenticateClient(request, params)
    allowOnlyPagesOf(client, request, reply)
    const revoked = await revoke(required(params, 'token'), client)
    if (revoked)
      deps.audit({
        type: 'token.revoked',
        actor: 'client',
        clientId: client.id,
        ...revoked,
        ...auditContext(requestContext(request)),
      })
    return reply.code(200).send()
  }
}

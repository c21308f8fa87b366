// POST /api/logout: ends the session with all its families. Their access tokens are revoked. The access token
// or the refresh token names the session, so a user whose access token has expired can sign out too.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Client } from '../clients/client.ts'
import { allowOnlyPagesOf } from '../http/cors.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { FamilyId, UserId } from '../ids.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Family, RefreshTokens } from '../sessions/family.ts'
import { type CheckCaller, tokenRequired } from './caller.ts'
import type { FindFamily } from './find-family.ts'
import { readBody } from './members.ts'
import { sentRefreshToken } from './sent-refresh-token.ts'
import { clearRefreshCookie } from './token-delivery.ts'

interface Ending {
  familyId: FamilyId
  userId: UserId
  client: Client
  /** Absent if the store does not have the family any more. */
  family?: Family | undefined
}

export const createLogoutEndpoint = (deps: {
  checkCaller: CheckCaller
  findFamily: FindFamily
  refreshTokens: RefreshTokens
  endSessions: EndSessions
  audit: Audit
  issuer: string
}) => {
  const { endSessions } = deps

  const byRefreshToken = async (request: FastifyRequest): Promise<Ending | undefined> => {
    const sent = sentRefreshToken(request, readBody(request), deps.issuer)
    const found = sent === undefined || sent === 'cross_site' ? undefined : await deps.findFamily(sent.token)
    return found && { ...found, familyId: found.family.id, userId: found.family.userId }
  }

  const end = async ({ familyId, userId, client, family }: Ending, request: FastifyRequest) => {
    if (family) await endSessions.session(family.sessionId, familyId)
    // The family of this request ends last. Its tokens stay valid until then, so the client can retry.
    await endSessions.families([{ familyId }])
    deps.audit({
      type: 'logout',
      actor: 'user',
      userId,
      clientId: client.id,
      familyId,
      ...(family && { sessionId: family.sessionId }),
      ...auditContext(requestContext(request)),
    })
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const refreshed = await byRefreshToken(request)
    const checked = await deps.checkCaller(request, reply)
    if (checked.outcome === 'refused' && refreshed === undefined) throw tokenRequired(reply, checked)
    if (refreshed) allowOnlyPagesOf(refreshed.client, request, reply)
    if (checked.outcome === 'caller') {
      const { claims, user, client } = checked.caller
      const family = await deps.refreshTokens.find(claims.sid)
      // The two tokens may be of two sign-ins. None of them may work after a logout.
      if (refreshed && refreshed.family?.sessionId !== family?.sessionId) await end(refreshed, request)
      await end({ familyId: claims.sid, userId: user.id, client, family }, request)
    } else if (refreshed) await end(refreshed, request)
    clearRefreshCookie(reply)
    return reply.code(204).header('cache-control', 'no-store').send()
  }
}

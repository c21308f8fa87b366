// POST /api/logout: ends the session with all its families. Their access tokens are revoked.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { AuthenticateCaller } from './caller.ts'
import { clearRefreshCookie } from './token-delivery.ts'

export const createLogoutEndpoint =
  (deps: {
    authenticate: AuthenticateCaller
    refreshTokens: RefreshTokens
    endSessions: EndSessions
    audit: Audit
  }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const { claims, user, client } = await deps.authenticate(request, reply)
    const family = await deps.refreshTokens.find(claims.sid)
    if (family) await deps.endSessions.session(family.sessionId, claims.sid)
    // The family of this request ends last. Its access token stays valid until then, so the client can retry.
    await deps.endSessions.families([{ familyId: claims.sid }])
    deps.audit({
      type: 'logout',
      actor: 'user',
      userId: user.id,
      clientId: client.id,
      familyId: claims.sid,
      ...(family && { sessionId: family.sessionId }),
      ...auditContext(requestContext(request)),
    })
    clearRefreshCookie(reply)
    return reply.code(204).header('cache-control', 'no-store').send()
  }

// POST /api/logout: ends the session with all its families. Their access tokens are revoked. The access token
// or the refresh token names the session, so a user whose access token has expired can sign out too.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { bearerToken } from '../http/bearer.ts'
import { allowOnlyPagesOf } from '../http/cors.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import { type CheckCaller, tokenRequired } from './caller.ts'
import type { FindFamily } from './find-family.ts'
import { readBody } from './members.ts'
import { sentRefreshToken } from './sent-refresh-token.ts'
import type { Ending, SignOut } from './sign-out.ts'
import { clearRefreshCookie } from './token-delivery.ts'

export const createLogoutEndpoint = (deps: {
  checkCaller: CheckCaller
  findFamily: FindFamily
  refreshTokens: RefreshTokens
  signOut: SignOut
  issuer: string
}) => {
  const { signOut } = deps

  const byRefreshToken = async (request: FastifyRequest): Promise<Ending | undefined> => {
    const sent = sentRefreshToken(request, readBody(request), deps.issuer)
    return sent === undefined || sent === 'cross_site' ? undefined : deps.findFamily(sent.token)
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const refreshed = await byRefreshToken(request)
    const checked = await deps.checkCaller(request, reply, bearerToken(request))
    if (checked.outcome === 'refused' && refreshed === undefined) throw tokenRequired(reply, checked)
    if (refreshed) allowOnlyPagesOf(refreshed.client, request, reply)
    if (checked.outcome === 'caller') {
      const { claims, user, client } = checked.caller
      const family = await deps.refreshTokens.find(claims.sid)
      // The two tokens may be of two sign-ins. None of them may work after a logout.
      if (refreshed && refreshed.family?.sessionId !== family?.sessionId) await signOut(refreshed, request)
      await signOut({ familyId: claims.sid, userId: user.id, client, family }, request)
    } else if (refreshed) await signOut(refreshed, request)
    clearRefreshCookie(reply)
    return reply.code(204).header('cache-control', 'no-store').send()
  }
}

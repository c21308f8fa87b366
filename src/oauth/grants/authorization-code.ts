// grant_type=authorization_code (RFC 6749 §4.1.3). Signs first and redeems last: a failure leaves the code usable, and
// of parallel redemptions one wins.

import type { Audit } from '../../audit.ts'
import type { Client } from '../../clients/client.ts'
import type { Clock } from '../../clock.ts'
import { auditContext, type RequestContext } from '../../http/request-context.ts'
import type { FamilyId } from '../../ids.ts'
import { hashToken } from '../../secrets.ts'
import type { EndSessions } from '../../sessions/end.ts'
import type { CheckStanding } from '../../sessions/standing.ts'
import { resolveAudience } from '../../tokens/audience.ts'
import type { AuthorizationCode, AuthorizationCodes } from '../../tokens/authorization-code.ts'
import type { StartFamily } from '../../tokens/start-family.ts'
import { invalidGrant, invalidTarget } from '../errors.ts'
import { type Params, required } from '../params.ts'
import { verifierMatches } from '../pkce.ts'
import { type Grant, tokenResponse } from './grant.ts'

export const createAuthorizationCodeGrant = (deps: {
  clock: Clock
  authorizationCodes: AuthorizationCodes
  checkStanding: CheckStanding
  startFamily: StartFamily
  endSessions: EndSessions
  audit: Audit
  defaultAudience: string
}): Grant => {
  const { clock, authorizationCodes, startFamily, endSessions, audit } = deps

  /** The code, if everything that binds it fits. A thief of the bare code learns and destroys nothing. */
  const boundCode = async (params: Params, client: Client): Promise<AuthorizationCode> => {
    const code = await authorizationCodes.find(hashToken(required(params, 'code')))
    if (code === undefined) throw invalidGrant('code unknown')
    if (code.clientId !== client.id) throw invalidGrant('code belongs to another client')
    const redirectUri = params.get('redirect_uri')
    if (redirectUri !== undefined && redirectUri !== code.redirectUri)
      throw invalidGrant('redirect_uri differs')
    if (!verifierMatches(code.codeChallenge, params.get('code_verifier')))
      throw invalidGrant('code verifier differs')
    return code
  }

  /** A valid code came twice: whoever has it first or second, nothing of it stays (OAuth 2.1 §4.1.3). */
  const refuseReuse = async (code: AuthorizationCode, familyId: FamilyId, context: RequestContext) => {
    await endSessions.family(familyId)
    audit({
      type: 'code.reused',
      actor: 'client',
      userId: code.userId,
      clientId: code.clientId,
      familyId,
      ...auditContext(context),
    })
    return invalidGrant('code reused; its tokens are revoked')
  }

  return async (params, client, context) => {
    const code = await boundCode(params, client)
    if (code.redeemedBy !== undefined) throw await refuseReuse(code, code.redeemedBy, context)
    if (code.expiresAt <= clock.now()) throw invalidGrant('code expired')
    const standing = await deps.checkStanding({ ...code, startedAt: code.issuedAt })
    if (standing.outcome === 'ended') throw invalidGrant(standing.reason)
    const { session, user } = standing

    const resource = params.all('resource')
    if (code.resource.length > 0 && !resource.every((uri) => code.resource.includes(uri)))
      throw invalidTarget()
    const audiences = resolveAudience(
      client,
      resource.length > 0 ? resource : code.resource,
      deps.defaultAudience,
    )
    if (audiences === undefined) throw invalidTarget()

    const { scope, authTime, amr, nonce } = code
    const prepared = await startFamily.prepare({
      session,
      user,
      client,
      startedBy: 'authorization_code',
      scope,
      resource: code.resource.length > 0 ? code.resource : resource,
      audiences,
      authTime,
      amr,
      ...(nonce !== undefined && { nonce }),
    })

    // Storing the family first is safe: no token has left the server. It is revoked if the code was already redeemed.
    if ((await startFamily.store(prepared)) === 'ended')
      throw invalidGrant('session ended during the request')
    const { family, tokens, refreshToken } = prepared
    const redemption = await authorizationCodes.redeem(code.codeHash, family.id, clock.now())
    if (redemption.outcome !== 'redeemed') await endSessions.family(family.id)
    switch (redemption.outcome) {
      case 'gone':
        throw invalidGrant('code expired during the request')
      case 'reused':
        throw await refuseReuse(code, redemption.redeemedBy, context)
      case 'redeemed': {
        startFamily.report(prepared, { actor: 'client', ...auditContext(context) })
        const refreshable = scope.includes('offline_access') && client.grants.includes('refresh_token')
        return tokenResponse(tokens, refreshable ? refreshToken : undefined)
      }
    }
  }
}

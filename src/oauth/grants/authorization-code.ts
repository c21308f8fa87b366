// grant_type=authorization_code (RFC 6749 §4.1.3). Exactly one of several parallel redemptions succeeds. The
// others change nothing, because only the family of a redeemed code joins the session.

import type { Audit } from '../../audit.ts'
import type { Client } from '../../clients/client.ts'
import { type Consents, covers } from '../../clients/consent.ts'
import type { Clock } from '../../clock.ts'
import { auditContext, type RequestContext } from '../../http/request-context.ts'
import type { FamilyId } from '../../ids.ts'
import { hashToken } from '../../secrets.ts'
import type { EndSessions } from '../../sessions/end.ts'
import type { CheckStanding } from '../../sessions/standing.ts'
import { type OwnAudiences, resolveAudience } from '../../tokens/audience.ts'
import type { AuthorizationCode, AuthorizationCodes } from '../../tokens/authorization-code.ts'
import type { FamilyGrant, StartFamily } from '../../tokens/start-family.ts'
import { invalidGrant, invalidTarget } from '../errors.ts'
import { type Params, required } from '../params.ts'
import { verifierMatches } from '../pkce.ts'
import { type Grant, tokenResponse } from './grant.ts'

export interface AuthorizationCodeGrantDeps extends OwnAudiences {
  clock: Clock
  authorizationCodes: AuthorizationCodes
  checkStanding: CheckStanding
  consents: Consents
  startFamily: StartFamily
  endSessions: EndSessions
  audit: Audit
}

/**
 * A code is bound to its client, redirect URI and PKCE challenge (RFC 6749 §4.1.3, RFC 7636 §4.6).
 * @throws {OAuthError} invalid_grant
 */
const refuseUnbound = (code: AuthorizationCode, params: Params, client: Client): void => {
  if (code.clientId !== client.id) throw invalidGrant('code belongs to another client')
  const redirectUri = params.get('redirect_uri')
  if (redirectUri !== undefined && redirectUri !== code.redirectUri)
    throw invalidGrant('redirect_uri differs')
  if (!verifierMatches(code.codeChallenge, params.get('code_verifier')))
    throw invalidGrant('code verifier differs')
}

/**
 * The token request may name some of the authorized resources, but no others (RFC 8707 §2.2).
 * @throws {OAuthError} invalid_target
 */
const grantedResources = (
  code: AuthorizationCode,
  params: Params,
  client: Client,
  own: OwnAudiences,
): Pick<FamilyGrant, 'resource' | 'audiences'> => {
  const authorized = code.resource
  const requested = params.all('resource')
  if (authorized.length > 0 && !requested.every((uri) => authorized.includes(uri))) throw invalidTarget()
  const audiences = resolveAudience(client, requested.length > 0 ? requested : authorized, code, own)
  if (audiences === undefined) throw invalidTarget()
  return { resource: authorized.length > 0 ? authorized : requested, audiences }
}

/**
 * Revokes the tokens of the first redemption, because an attacker may have made it (OAuth 2.1 §4.1.3).
 * Returns the error to throw.
 */
const createRefuseReuse =
  ({ endSessions, audit }: AuthorizationCodeGrantDeps) =>
  async (code: AuthorizationCode, familyId: FamilyId, context: RequestContext) => {
    await endSessions.family({ id: familyId, sessionId: code.sessionId })
    audit({
      type: 'code.reused',
      actor: 'client',
      userId: code.userId,
      clientId: code.clientId,
      familyId,
      ...auditContext(context),
    })
    return invalidGrant('code reused, its tokens are revoked')
  }

export const createAuthorizationCodeGrant = (deps: AuthorizationCodeGrantDeps): Grant => {
  const { clock, authorizationCodes, startFamily, consents, endSessions } = deps
  const refuseReuse = createRefuseReuse(deps)

  return async (params, client, context) => {
    const code = await authorizationCodes.find(hashToken(required(params, 'code')))
    if (code === undefined) throw invalidGrant('code unknown')
    // This comes before the check for reuse: an attacker who has only the code must not revoke tokens.
    refuseUnbound(code, params, client)
    if (code.redeemedBy !== undefined) throw await refuseReuse(code, code.redeemedBy, context)
    if (code.expiresAt <= clock.now()) throw invalidGrant('code expired')
    const standing = await deps.checkStanding(code)
    if (standing.outcome === 'ended') throw invalidGrant(standing.reason)

    const { scope, authTime, amr, nonce } = code
    const prepared = await startFamily.prepare({
      session: standing.session,
      user: standing.user,
      readAt: standing.readAt,
      client,
      startedBy: 'authorization_code',
      scope,
      ...grantedResources(code, params, client, deps),
      authTime,
      amr,
      ...(nonce !== undefined && { nonce }),
    })

    // The family is stored before the redemption, so that a second redemption finds a family to revoke.
    await startFamily.store(prepared)
    const { family, tokens, refreshToken } = prepared
    const redemption = await authorizationCodes.redeem(code.codeHash, family.id, clock.now())
    if (redemption.outcome === 'gone') throw invalidGrant('code expired during the request')
    if (redemption.outcome === 'reused') throw await refuseReuse(code, redemption.redeemedBy, context)
    if ((await startFamily.join(prepared, client)) === 'ended')
      throw invalidGrant('session ended during the request')
    // Read after the family joined: a withdrawal of consent ends the families that it finds in the session.
    if (!client.firstParty && !covers(await consents.find(code.userId, client.id), scope)) {
      await endSessions.family(family)
      throw invalidGrant('consent withdrawn')
    }

    startFamily.report(prepared, { actor: 'client', ...auditContext(context) })
    const mayRefresh = scope.includes('offline_access') && client.grants.includes('refresh_token')
    return tokenResponse(tokens, mayRefresh ? refreshToken : undefined)
  }
}

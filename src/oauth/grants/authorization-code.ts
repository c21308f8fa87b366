// grant_type=authorization_code (RFC 6749 §4.1.3). Signs first and redeems last: a failure leaves the code usable, and
// of parallel redemptions one wins.

import type { Audit } from '../../audit.ts'
import type { Client } from '../../clients/client.ts'
import type { Clock } from '../../clock.ts'
import { auditContext, type RequestContext } from '../../http/request-context.ts'
import type { FamilyId } from '../../ids.ts'
import { hashToken } from '../../secrets.ts'
import type { EndSessions } from '../../sessions/end.ts'
import { isLive, type Session, type Sessions } from '../../sessions/session.ts'
import { resolveAudience } from '../../tokens/audience.ts'
import type { AuthorizationCode, AuthorizationCodes } from '../../tokens/authorization-code.ts'
import type { IssueTokens } from '../../tokens/issue.ts'
import type { RefreshTokenFormat } from '../../tokens/refresh-token-format.ts'
import type { StartFamily } from '../../tokens/start-family.ts'
import { isActive, isCutOff, type User, type Users } from '../../users/user.ts'
import { invalidGrant, invalidTarget } from '../errors.ts'
import { type Params, required } from '../params.ts'
import { verifierMatches } from '../pkce.ts'
import { type Grant, tokenResponse } from './grant.ts'

export const createAuthorizationCodeGrant = (deps: {
  clock: Clock
  authorizationCodes: AuthorizationCodes
  sessions: Sessions
  users: Users
  families: StartFamily
  issue: IssueTokens
  format: RefreshTokenFormat
  endSessions: EndSessions
  audit: Audit
  defaultAudience: string
}): Grant => {
  const { clock, authorizationCodes, sessions, users, families, issue, format, endSessions, audit } = deps

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

  const standing = async (code: AuthorizationCode): Promise<{ session: Session; user: User }> => {
    const [session, user] = await Promise.all([sessions.find(code.sessionId), users.find(code.userId)])
    if (session === undefined || !isLive(session, clock.now())) throw invalidGrant('session ended')
    if (user === undefined || !isActive(user) || isCutOff(user, code.issuedAt))
      throw invalidGrant('user gone or disabled')
    return { session, user }
  }

  return async (params, client, context) => {
    const code = await boundCode(params, client)
    if (code.redeemedBy !== undefined) throw await refuseReuse(code, code.redeemedBy, context)
    if (code.expiresAt <= clock.now()) throw invalidGrant('code expired')
    const { session, user } = await standing(code)

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
    const family = families.plan({
      session,
      clientId: client.id,
      startedBy: 'authorization_code',
      scope,
      resource: code.resource.length > 0 ? code.resource : resource,
      authTime,
      amr,
    })
    const tokens = await issue.forPerson({
      user,
      client,
      familyId: family.id,
      scope,
      audiences,
      authTime,
      amr,
      ...(nonce !== undefined && { nonce }),
    })

    // A family whose token nobody was given harms nobody; it is ended again if the code turns out to be spent.
    if ((await families.start(family)) === 'ended') throw invalidGrant('session ended meanwhile')
    const redemption = await authorizationCodes.redeem(code.codeHash, family.id, clock.now())
    if (redemption.outcome !== 'redeemed') await endSessions.family(family.id)
    switch (redemption.outcome) {
      case 'gone':
        throw invalidGrant('code expired meanwhile')
      case 'reused':
        throw await refuseReuse(code, redemption.redeemedBy, context)
      case 'redeemed': {
        audit({
          type: 'token.issued',
          actor: 'client',
          userId: user.id,
          clientId: client.id,
          sessionId: session.id,
          familyId: family.id,
          ...auditContext(context),
        })
        const refreshable = scope.includes('offline_access') && client.grants.includes('refresh_token')
        return tokenResponse(tokens, refreshable ? format.write(family, 0) : undefined)
      }
    }
  }
}

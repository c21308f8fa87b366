// Issues an access token, and an ID token if the scope contains `openid`.
// It uses the current user, client and APIs, and stores nothing.

import type { Api, Apis } from '../clients/api.ts'
import type { Client } from '../clients/client.ts'
import { type Clock, epochSeconds, fromEpochSeconds } from '../clock.ts'
import { randomToken } from '../secrets.ts'
import type { Family } from '../sessions/family.ts'
import type { ReadUser } from '../users/user.ts'
import { type AccessTokenClaims, accessTokenTypeFor, customClaims, jwtType } from './access-token.ts'
import { idTokenClaims } from './id-token.ts'
import { effectiveScope } from './scopes.ts'

/** Signs a JWT with the current key. @throws {Unavailable} if there is no key */
export type Sign = (typ: string, claims: Readonly<Record<string, unknown>>) => Promise<string>

/**
 * The access that a user gave a client, in one family. `iat` is `readAt`: if the roles or the access of the
 * user change during the request, the token counts as one from before the change.
 */
export interface PersonalGrant extends ReadUser {
  client: Client
  family: Pick<Family, 'id' | 'authTime' | 'amr'>
  scope: readonly string[]
  /** The result of resolveAudience. */
  audiences: readonly string[]
  nonce?: string
}

export interface IssuedTokens {
  accessToken: string
  accessTokenId: string
  expiresInSeconds: number
  scope: readonly string[]
  idToken?: string
}

export interface IssueTokens {
  /** Tokens for a user. */
  forPerson(grant: PersonalGrant): Promise<IssuedTokens>
  /** A client_credentials token: the client itself is the subject (RFC 9068 §5). */
  forClient(client: Client, scope: readonly string[], audiences: readonly string[]): Promise<IssuedTokens>
}

export const createIssueTokens = (deps: {
  clock: Clock
  sign: Sign
  apis: Apis
  issuer: string
  defaultAudience: string
  accessTokenTtlSeconds: number
}): IssueTokens => {
  const { clock, sign, apis, issuer, defaultAudience } = deps

  /**
   * All APIs, the APIs of the token, and the life and the type of the token. The API with the shortest life
   * decides.
   */
  const readApis = async (
    audiences: readonly string[],
  ): Promise<{ all: Api[]; ofToken: Api[]; ttlSeconds: number; typ: string }> => {
    const all = await apis.list()
    const ofToken = all.filter((api) => audiences.includes(api.audience))
    const ttls = ofToken.flatMap((api) => api.accessTokenTtlSeconds ?? [])
    const ttlSeconds = ttls.length > 0 ? Math.min(...ttls) : deps.accessTokenTtlSeconds
    return { all, ofToken, ttlSeconds, typ: accessTokenTypeFor(audiences, all) }
  }

  const standardClaims = (audiences: readonly string[], ttlSeconds: number, issuedAt: Date) => {
    const iat = epochSeconds(issuedAt)
    const [only, ...more] = audiences
    return {
      iss: issuer,
      aud: only !== undefined && more.length === 0 ? only : [...audiences],
      iat,
      exp: iat + ttlSeconds,
      jti: randomToken(16),
    }
  }

  return {
    forPerson: async (grant) => {
      const { user, readAt, client, family, scope: granted, audiences, nonce } = grant
      const { id: familyId, authTime, amr } = family
      const { all, ofToken, ttlSeconds, typ } = await readApis(audiences)
      const scope = effectiveScope(granted, { client, user, audiences, apis: all, defaultAudience })
      const claims: AccessTokenClaims = {
        ...customClaims(user, ofToken),
        ...standardClaims(audiences, ttlSeconds, readAt),
        sub: user.id,
        client_id: client.id,
        sid: familyId,
        auth_time: epochSeconds(authTime),
        amr: [...amr],
        scope: scope.join(' '),
        scopes: [...scope],
        roles: [...user.roles],
        onboarded: user.onboarded,
      }
      const accessToken = await sign(typ, { ...claims })
      const idToken = scope.includes('openid')
        ? await sign(
            jwtType,
            idTokenClaims({
              issuer,
              user,
              clientId: client.id,
              familyId,
              scope,
              accessToken,
              authTime,
              amr,
              issuedAt: fromEpochSeconds(claims.iat),
              ttlSeconds,
              ...(nonce !== undefined && { nonce }),
            }),
          )
        : undefined
      return {
        accessToken,
        accessTokenId: claims.jti,
        expiresInSeconds: ttlSeconds,
        scope,
        ...(idToken !== undefined && { idToken }),
      }
    },

    forClient: async (client, requested, audiences) => {
      const { all, ttlSeconds, typ } = await readApis(audiences)
      const scope = effectiveScope(requested, { client, audiences, apis: all, defaultAudience })
      const claims = {
        ...standardClaims(audiences, ttlSeconds, clock.now()),
        sub: client.id,
        client_id: client.id,
        scope: scope.join(' '),
        scopes: [...scope],
        roles: [],
      }
      const accessToken = await sign(typ, claims)
      return { accessToken, accessTokenId: claims.jti, expiresInSeconds: ttlSeconds, scope }
    },
  }
}

// Access tokens (RFC 9068): their claims, and Dojang's own check of them.
// Services check tokens offline. This check also reads the blacklist.

import type { Api } from '../clients/api.ts'
import type { Clock } from '../clock.ts'
import type { ClientId, FamilyId, Kid } from '../ids.ts'
import type { OwnJwts } from '../keys/own-jwts.ts'
import { type Blacklist, findRevocation } from '../revocation/blacklist.ts'
import type { ClaimValue, User } from '../users/user.ts'

/** The `typ` header. It separates access tokens from all other JWTs of this issuer (RFC 9068 §2.1). */
export const accessTokenType = 'at+jwt'

export interface AccessTokenClaims {
  iss: string
  sub: string
  aud: string | string[]
  exp: number
  iat: number
  jti: string
  client_id: ClientId
  scope: string
  scopes: string[]
  roles: string[]
  /** This member and the three below are absent in client_credentials tokens. */
  onboarded?: boolean
  /** The id of the family, not of the session. */
  sid?: FamilyId
  auth_time?: number
  amr?: string[]
}

/** Standard claims, and claims that decide about access. An API cannot use these names for extra claims. */
export const reservedClaims: readonly string[] = [
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'sid',
  'auth_time',
  'amr',
  'acr',
  'azp',
  'nonce',
  'scope',
  'scopes',
  'roles',
  'groups',
  'entitlements',
  'onboarded',
  'cnf',
  'act',
  'may_act',
  'status',
  'events',
  'typ',
]

/** The extra claims that these APIs define. A claim without a value is absent, never null. */
export const customClaims = (user: User, apis: readonly Api[]): Record<string, ClaimValue> => {
  const profile: Readonly<Record<string, ClaimValue | undefined>> = {
    username: user.username,
    name: user.name,
    email: user.email,
    email_verified: user.email === undefined ? undefined : user.emailVerified,
    locale: user.locale,
  }
  const claims: Record<string, ClaimValue> = {}
  for (const name of new Set(apis.flatMap((api) => api.claims))) {
    if (reservedClaims.includes(name)) continue
    const value = Object.hasOwn(profile, name)
      ? profile[name]
      : Object.hasOwn(user.claims, name)
        ? user.claims[name]
        : undefined
    if (value !== undefined && value !== null) claims[name] = value
  }
  return claims
}

export type VerifiedAccessToken =
  | { outcome: 'valid'; claims: AccessTokenClaims; kid: Kid }
  | { outcome: 'invalid'; reason: string }

export type VerifyAccessToken = (token: string) => Promise<VerifiedAccessToken>

const isAccessTokenClaims = (payload: Record<string, unknown>): boolean =>
  ['iss', 'sub', 'jti', 'client_id', 'scope'].every((name) => typeof payload[name] === 'string') &&
  ['iat', 'exp'].every((name) => typeof payload[name] === 'number') &&
  (payload.sid === undefined || typeof payload.sid === 'string')

/**
 * Checks the signature, the claims and the blacklist.
 * @throws {Unavailable} if the blacklist cannot be read, because a revoked token must not count as valid
 */
export const createVerifyAccessToken =
  ({
    verify,
    blacklist,
    clock,
  }: {
    verify: OwnJwts['verify']
    blacklist: Blacklist
    clock: Clock
  }): VerifyAccessToken =>
  async (token) => {
    const verified = await verify(token, accessTokenType)
    if (verified.outcome === 'invalid') return verified
    const { payload, kid } = verified
    if (!isAccessTokenClaims(payload)) return { outcome: 'invalid', reason: 'claims missing' }
    const claims = payload as unknown as AccessTokenClaims
    const { jti, sub, client_id, iat, sid } = claims
    const revocation = await findRevocation(
      blacklist,
      { jti, sub, client_id, iat, kid, ...(sid !== undefined && { sid }) },
      clock.now(),
    )
    return revocation
      ? { outcome: 'invalid', reason: `revoked by ${revocation.kind}` }
      : { outcome: 'valid', claims, kid }
  }

// Access tokens (RFC 9068): their claims, and Dojang's own check of them.
// Services check tokens offline. This check also reads the blacklist.

import type { Api, Apis } from '../clients/api.ts'
import type { Clock } from '../clock.ts'
import type { ClientId, FamilyId, Kid } from '../ids.ts'
import type { OwnJwts, VerifiedOwnJwt } from '../keys/own-jwts.ts'
import { type Blacklist, findRevocation } from '../revocation/blacklist.ts'
import type { ClaimValue, User } from '../users/user.ts'

/** The `typ` header. It separates access tokens from all other JWTs of this issuer (RFC 9068 §2.1). */
export const accessTokenType = 'at+jwt'

/** The `typ` of ID tokens, and of access tokens for APIs that chose it. Their claims tell them apart. */
export const jwtType = 'JWT'

/** JWT only if the token is for an API that chose it, and for no API that did not (decision 0056). */
export const accessTokenTypeFor = (audiences: readonly string[], apis: readonly Api[]): string => {
  const ofToken = apis.filter(({ audience }) => audiences.includes(audience))
  const choseJwt = ofToken.length > 0 && ofToken.every((api) => api.tokenType === 'JWT')
  return choseJwt ? jwtType : accessTokenType
}

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

/** An ID token has no `jti`, `client_id` and `scope`. */
const isAccessTokenClaims = (payload: Record<string, unknown>): boolean =>
  ['iss', 'sub', 'jti', 'client_id', 'scope'].every((name) => typeof payload[name] === 'string') &&
  ['iat', 'exp'].every((name) => typeof payload[name] === 'number') &&
  (payload.sid === undefined || typeof payload.sid === 'string')

interface VerifyTypeDeps {
  verify: OwnJwts['verify']
  apis: Pick<Apis, 'list'>
}

/** Accepts at+jwt. Accepts JWT only for the APIs that chose it, because ID tokens have this type too. */
const verifyEitherType = async (token: string, { verify, apis }: VerifyTypeDeps): Promise<VerifiedOwnJwt> => {
  const usual = await verify(token, accessTokenType)
  if (usual.outcome === 'valid' || usual.reason !== 'typ') return usual
  const other = await verify(token, jwtType)
  if (other.outcome === 'invalid') return other
  const audiences = [other.payload.aud].flat().filter((aud) => typeof aud === 'string')
  return accessTokenTypeFor(audiences, await apis.list()) === jwtType ? other : usual
}

/**
 * Checks the signature, the claims and the blacklist.
 * @throws {Unavailable} if the blacklist cannot be read, because a revoked token must not count as valid
 */
export const createVerifyAccessToken =
  ({
    blacklist,
    clock,
    ...deps
  }: VerifyTypeDeps & { blacklist: Blacklist; clock: Clock }): VerifyAccessToken =>
  async (token) => {
    const verified = await verifyEitherType(token, deps)
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

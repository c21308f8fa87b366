// Access tokens (RFC 9068): their claims, and our own check of them. Services check theirs offline; this one also
// asks the blacklist.

import type { Api } from '../clients/api.ts'
import type { Clock } from '../clock.ts'
import type { ClientId, FamilyId, Kid } from '../ids.ts'
import type { OwnJwts } from '../keys/own-jwts.ts'
import { type Blacklist, findRevocation } from '../revocation/blacklist.ts'
import type { ClaimValue, User } from '../users/user.ts'

/** The `typ` header that tells it from every other JWT of this issuer (RFC 9068 §2.1). */
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
  /** Absent in machine tokens, as are the four below it. */
  onboarded?: boolean
  sid?: FamilyId
  auth_time?: number
  amr?: string[]
}

/** Names that an API cannot claim for itself: the standard's, and those that decide about access. */
export const reservedClaims: readonly string[] = [
  ...[
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
  ],
  ...[
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
  ],
]

/** The facts about the user that these APIs ask for by name. Nothing is null: an unknown fact is absent. */
export const customClaims = (user: User, apis: readonly Api[]): Record<string, ClaimValue> => {
  const own: Readonly<Record<string, ClaimValue | undefined>> = {
    username: user.username,
    name: user.name,
    email: user.email,
    email_verified: user.email === undefined ? undefined : user.emailVerified,
    locale: user.locale,
  }
  const claims: Record<string, ClaimValue> = {}
  for (const name of new Set(apis.flatMap((api) => api.claims))) {
    if (reservedClaims.includes(name)) continue
    const value = Object.hasOwn(own, name)
      ? own[name]
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

/** @throws {Unavailable} if the blacklist cannot be asked: never "valid" by default */
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

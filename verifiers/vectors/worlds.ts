// A world is everything that a verifier can fetch: the issuer's metadata, key set and revocation feed.
import { createHash } from 'node:crypto'
import {
  accessToken,
  currentKey,
  headerOf,
  issuer,
  type Json,
  legacyIssuer,
  now,
  revokedKey,
  rs256,
  signRaw,
  unpublishedKey,
} from './tokens.ts'

const publishedName = (kind: string, value: string): string =>
  createHash('sha256').update(`${kind}:${value}`).digest().subarray(0, 16).toString('base64url')

/** The revocation feed, in the format of docs/revocation-feed.md. */
export const feed = (claims: Json = {}, { key = currentKey, header = {} as Json } = {}): string => {
  const payload = {
    iss: issuer,
    iat: now,
    exp: now + 300,
    ttl: 5,
    as_of: now,
    cursor: String(now),
    full: true,
    revoked: {
      jti: { [publishedName('jti', 'token-revoked')]: { exp: now + 560 } },
      sid: { [publishedName('sid', 'family-revoked')]: { exp: now + 3660 } },
      sub: { [publishedName('sub', 'user-signed-out')]: { exp: now + 3660, cutoff: now - 100 } },
      client_id: {
        [publishedName('client_id', 'client-deleted')]: { exp: now + 3660, cutoff: now - 50 },
        [publishedName('client_id', 'client-barred')]: { exp: now + 3660 },
      },
      kid: { [revokedKey.kid]: { exp: now + 3660 } },
      // A verifier ignores kinds that it does not know.
      a_kind_of_tomorrow: { [publishedName('a_kind_of_tomorrow', 'x')]: { exp: now + 3660 } },
    },
    ...claims,
  }
  return signRaw(
    JSON.stringify(headerOf(key, { typ: 'revocations+jwt', ...header })),
    JSON.stringify(payload),
    rs256(key.privateKey),
  )
}

interface Answer {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

const jsonAnswer = (value: unknown): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})
const feedAnswer = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/revocations+jwt', etag: '"vectors.1"' },
  body,
})
const unavailable: Answer = { status: 503, headers: { 'retry-after': '2' }, body: '' }

const metadata = {
  issuer,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  revocations_uri: `${issuer}/.well-known/revocations`,
}

/** Entries that a verifier skips without dropping the rest of the key set. */
const unusableKeys = [
  { kty: 'EC', crv: 'P-256', kid: 'elliptic', x: 'AA', y: 'AA' },
  { kty: 'RSA', use: 'enc', kid: 'for-encryption', n: currentKey.jwk.n, e: currentKey.jwk.e },
  { kty: 'RSA', use: 'sig', alg: 'RS256', n: unpublishedKey.jwk.n, e: unpublishedKey.jwk.e },
]

const world = (feedResponse: Answer, changes: Readonly<Record<string, Answer>> = {}) => ({
  [`${issuer}/.well-known/openid-configuration`]: jsonAnswer(metadata),
  [metadata.jwks_uri]: jsonAnswer({ keys: [...unusableKeys, revokedKey.jwk, currentKey.jwk] }),
  [metadata.revocations_uri]: feedResponse,
  ...changes,
})

const worldWithFeed = (claims: Json, signedWith?: Parameters<typeof feed>[1]) =>
  world(feedAnswer(feed(claims, signedWith)))

/** All documents are valid. */
const workingWorlds = {
  normal: worldWithFeed({}),
  'feed 200 s old': worldWithFeed({ as_of: now - 200, cursor: String(now - 200) }),
}

/** The feed is too old, missing or invalid. */
export const worldsWithoutFreshFeed = {
  'feed 400 s old': worldWithFeed({ as_of: now - 400, cursor: String(now - 400) }),
  'feed unavailable': world(unavailable),
  'feed signed with an unpublished key': worldWithFeed({}, { key: unpublishedKey }),
  'feed signed with a key that it revokes': worldWithFeed({}, { key: revokedKey }),
  'feed signed with the wrong key': worldWithFeed(
    {},
    { key: unpublishedKey, header: { kid: currentKey.kid } },
  ),
  'feed of another issuer': worldWithFeed({ iss: legacyIssuer }),
  'feed that is an access token': world(feedAnswer(accessToken())),
  'feed with another typ': worldWithFeed({}, { header: { typ: 'JWT' } }),
  'expired feed': worldWithFeed({ iat: now - 400, exp: now - 100, as_of: now - 100 }),
  'feed without as_of': worldWithFeed({ as_of: undefined }),
  'feed with an invalid list': worldWithFeed({ revoked: { jti: 'none' } }),
  'feed that is not a JWT': world(feedAnswer('<html>')),
}

/** No key of the issuer can be fetched. */
export const worldsWithoutKeys = {
  'metadata of another issuer': world(feedAnswer(feed()), {
    [`${issuer}/.well-known/openid-configuration`]: jsonAnswer({ ...metadata, issuer: legacyIssuer }),
  }),
  'unreachable issuer': {},
}

export const worlds = { ...workingWorlds, ...worldsWithoutFreshFeed, ...worldsWithoutKeys }

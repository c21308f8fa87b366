// A legacy issuer during a migration that signs RS256 tokens and whose services hold its PEM file.
import {
  accessToken,
  currentKey,
  hs256,
  type Json,
  type Key,
  legacyIssuer,
  legacyKey,
  now,
  rs256,
  sharedSecret,
  signRaw,
} from './tokens.ts'
import { type Vector, vector } from './vector.ts'

/** As SimpleJWT signs with a PEM file: no `iss`, no `kid`, and the user is a number. */
const claims = { token_type: 'access', exp: now + 500, iat: now - 100, jti: 'x', user_id: 7 }

const legacyToken = (
  changes: Json = {},
  { key = legacyKey as Key, header = { alg: 'RS256', typ: 'JWT' } as Json } = {},
): string => signRaw(JSON.stringify(header), JSON.stringify({ ...claims, ...changes }), rs256(key.privateKey))

const pem = { verifier: 'migration with a PEM file' }
const user7 = { expect: { subject: '7' } }
const withAudience = { verifier: 'migration with a PEM file and an audience' }

const accepted: Vector[] = [
  vector('pem-old', 'accepts an RS256 token without iss and kid', legacyToken(), 'ok', { ...pem, ...user7 }),
  vector(
    'pem-old-kid',
    'ignores the kid of a legacy token',
    legacyToken({}, { header: { alg: 'RS256', kid: currentKey.kid } }),
    'ok',
    { ...pem, ...user7 },
  ),
  vector(
    'pem-last-second',
    'accepts an RS256 legacy token one second before the end date',
    legacyToken({ exp: now + 2000 }),
    'ok',
    { ...pem, ...user7, now: now + 999 },
  ),
  vector(
    'pem-role',
    'reads the role of an RS256 legacy token from the claim that the options name',
    legacyToken({ role: 'admin' }),
    'ok',
    { verifier: 'migration with a claim for roles', needs: { roles: ['admin'] }, ...user7 },
  ),
  vector('pem-new', 'accepts tokens of the new issuer beside a PEM file', accessToken(), 'ok', pem),
  vector(
    'pem-audience',
    'accepts an RS256 legacy token with the audience that the options require',
    legacyToken({ iss: legacyIssuer, sub: 'user-7', aud: 'old-api' }),
    'ok',
    { ...withAudience, expect: { subject: 'user-7' } },
  ),
]

const rejected: Vector[] = [
  vector('pem-over', 'rejects an RS256 legacy token from the end date on', legacyToken(), 'unknown_issuer', {
    verifier: 'migration with a PEM file after its end date',
  }),
  vector(
    'pem-other-key',
    'rejects a token without iss that is signed with a key of the new issuer',
    legacyToken({}, { key: currentKey, header: { alg: 'RS256', typ: 'JWT', kid: currentKey.kid } }),
    'signature',
    pem,
  ),
  vector(
    'pem-new-issuer',
    'rejects a token that names the new issuer but is signed with the key of the PEM file',
    accessToken({}, { key: legacyKey, header: { kid: currentKey.kid } }),
    'signature',
    pem,
  ),
  vector(
    'pem-alg-confusion',
    'rejects an HMAC token whose secret is the text of the PEM file',
    signRaw(JSON.stringify({ alg: 'HS256', typ: 'JWT' }), JSON.stringify(claims), hs256(legacyKey.pem)),
    'algorithm',
    pem,
  ),
  vector(
    'pem-shared-secret',
    'rejects a token without iss that is signed with the secret of another legacy issuer',
    signRaw(JSON.stringify({ alg: 'HS256', typ: 'JWT' }), JSON.stringify(claims), hs256(sharedSecret)),
    'algorithm',
    pem,
  ),
  vector(
    'pem-none',
    'rejects an unsigned token without iss',
    signRaw(JSON.stringify({ alg: 'none', typ: 'JWT' }), JSON.stringify(claims), () => ''),
    'algorithm',
    pem,
  ),
  vector(
    'pem-typ',
    'rejects an RS256 legacy token with typ at+jwt',
    legacyToken({}, { header: { alg: 'RS256', typ: 'at+jwt' } }),
    'type',
    pem,
  ),
  vector(
    'pem-refresh-token',
    'rejects a refresh token that is signed with the key of the PEM file',
    legacyToken({ token_type: 'refresh' }),
    'type',
    pem,
  ),
  vector(
    'pem-required-claim',
    'rejects an RS256 legacy token without the required claim',
    legacyToken({ token_type: undefined }),
    'claims',
    pem,
  ),
  vector(
    'pem-no-user',
    'rejects an RS256 legacy token without a user',
    legacyToken({ user_id: null }),
    'claims',
    pem,
  ),
  vector(
    'pem-expired',
    'rejects an expired RS256 legacy token',
    legacyToken({ exp: now - 11 }),
    'expired',
    pem,
  ),
  vector(
    'pem-audience-other',
    'rejects an RS256 legacy token for another audience',
    legacyToken({ iss: legacyIssuer, sub: 'user-7', aud: 'another-api' }),
    'audience',
    withAudience,
  ),
]

export const pemMigrationCases: Vector[] = [...accepted, ...rejected]

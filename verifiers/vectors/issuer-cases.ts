// The issuer, the algorithm and the type of a token: `iss`, `alg` and `typ`.
import { sign as rsaSign } from 'node:crypto'
import {
  accessToken,
  audience,
  currentKey,
  headerOf,
  hs256,
  issuer,
  type Json,
  rs256,
  tokenWithHeader,
} from './tokens.ts'
import { type Vector, vector } from './vector.ts'
import { feed } from './worlds.ts'

const issuers: Vector[] = [
  vector(
    'issuer-unknown',
    'rejects an issuer that the verifier does not trust',
    accessToken({ iss: 'https://evil.example' }),
    'unknown_issuer',
  ),
  vector(
    'issuer-slash',
    'rejects the issuer with a trailing slash',
    accessToken({ iss: `${issuer}/` }),
    'unknown_issuer',
  ),
  vector(
    'issuer-case',
    'rejects the issuer in capital letters',
    accessToken({ iss: issuer.toUpperCase() }),
    'unknown_issuer',
  ),
  vector('issuer-missing', 'rejects a token without iss', accessToken({ iss: undefined }), 'unknown_issuer'),
  vector('issuer-list', 'rejects iss as a list', accessToken({ iss: [issuer] }), 'unknown_issuer'),
]

const { kid } = currentKey
const signWithCurrentKey = rs256(currentKey.privateKey)
const rs512 = (input: string) =>
  rsaSign('sha512', Buffer.from(input), currentKey.privateKey).toString('base64url')

const algorithms: Vector[] = [
  ...['none', 'None', 'nOnE'].map((alg) =>
    vector(
      `alg-${alg}`,
      `rejects an unsigned token with alg ${alg} (RFC 8725 §3.1)`,
      tokenWithHeader({ alg, typ: 'at+jwt', kid }),
      'algorithm',
    ),
  ),
  vector(
    'alg-missing',
    'rejects a token without alg',
    tokenWithHeader({ typ: 'at+jwt', kid }, signWithCurrentKey),
    'algorithm',
  ),
  vector(
    'alg-list',
    'rejects alg as a list',
    tokenWithHeader({ alg: ['RS256'], typ: 'at+jwt', kid }, signWithCurrentKey),
    'algorithm',
  ),
  vector(
    'alg-hs256-public-key',
    'rejects an HMAC that uses the public key as its secret',
    tokenWithHeader({ alg: 'HS256', typ: 'at+jwt', kid }, hs256(currentKey.pem)),
    'algorithm',
  ),
  vector(
    'alg-rs512',
    'rejects a correct signature with RS512',
    tokenWithHeader(headerOf(currentKey, { alg: 'RS512' }), rs512),
    'algorithm',
  ),
]

const withType = (typ: unknown) => accessToken({}, { header: { typ } })

const idToken = (claims: Json = {}) =>
  accessToken(
    { aud: 'web', client_id: undefined, jti: undefined, nonce: 'n', at_hash: 'h', ...claims },
    { header: { typ: 'JWT' } },
  )

const types: Vector[] = [
  vector(
    'type-missing',
    'rejects a token without typ',
    tokenWithHeader({ alg: 'RS256', kid }, signWithCurrentKey),
    'type',
  ),
  vector('type-id-token', 'rejects an ID token', idToken(), 'type'),
  vector(
    'type-id-token-our-audience',
    'rejects typ JWT even with the audience of this API',
    withType('JWT'),
    'type',
  ),
  vector(
    'type-logout-token',
    'rejects a logout token',
    accessToken({ events: {} }, { header: { typ: 'logout+jwt' } }),
    'type',
  ),
  vector(
    'type-feed',
    'rejects the revocation feed as an access token',
    feed({ aud: audience, sub: 'user-1', jti: 'x', client_id: 'web' }),
    'type',
  ),
  vector('type-event', 'rejects a security event token', withType('secevent+jwt'), 'type'),
  vector('type-number', 'rejects a typ that is a number', withType(1), 'type'),
  vector('type-allowed', 'accepts typ JWT if the options list it', withType('JWT'), 'ok', {
    verifier: 'types at+jwt and JWT',
  }),
  vector(
    'type-allowed-id-token',
    'rejects an ID token also if the options list typ JWT',
    idToken(),
    'claims',
    { verifier: 'types at+jwt and JWT' },
  ),
  vector(
    'type-allowed-client-audience',
    'rejects a token for a client, as ID tokens are, if the options list typ JWT',
    accessToken({ aud: 'web' }, { header: { typ: 'JWT' } }),
    'audience',
    { verifier: 'types at+jwt and JWT' },
  ),
  vector(
    'type-allowed-id-token-audience',
    'rejects the claims of an ID token if the options list typ JWT, even with the audience of this API',
    idToken({ aud: audience }),
    'claims',
    { verifier: 'types at+jwt and JWT' },
  ),
]

export const issuerCases: Vector[] = [...issuers, ...algorithms, ...types]

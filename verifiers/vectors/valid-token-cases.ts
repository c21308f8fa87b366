// Tokens that a verifier must accept, although some look unusual.
import {
  accessToken,
  audience,
  currentKey,
  headerOf,
  now,
  signRaw,
  unpublishedKey,
  validClaims,
} from './tokens.ts'
import { headerVector, type Vector, vector } from './vector.ts'

export const validTokenCases: Vector[] = [
  vector('good', 'accepts an access token as the issuer makes it', accessToken(), 'ok'),
  headerVector(
    'good-lower-case-scheme',
    'accepts the scheme in lower case (RFC 9110 §11.1)',
    `bearer ${accessToken()}`,
    'ok',
  ),
  vector(
    'good-several-audiences',
    'accepts a list of audiences that includes this API',
    accessToken({ aud: ['https://other.example', audience] }),
    'ok',
  ),
  vector(
    'good-machine',
    'accepts a token of a client that acts for itself and has no session',
    accessToken({ sid: undefined, sub: 'web', roles: [] }),
    'ok',
    { expect: { subject: 'web' } },
  ),
  vector(
    'good-long-typ',
    'accepts typ with the prefix application/ (RFC 9068 §2.1)',
    accessToken({}, { header: { typ: 'application/at+jwt' } }),
    'ok',
  ),
  vector(
    'good-typ-case',
    'accepts typ in capital letters',
    accessToken({}, { header: { typ: 'AT+JWT' } }),
    'ok',
  ),
  vector(
    'good-clock-ahead',
    'accepts iat 9 s in the future, within the leeway',
    accessToken({ iat: now + 9 }),
    'ok',
  ),
  vector(
    'good-just-expired',
    'accepts a token that expired 9 s ago, within the leeway',
    accessToken({ exp: now - 9 }),
    'ok',
  ),
  vector('good-nbf', 'accepts nbf equal to the current time', accessToken({ nbf: now }), 'ok'),
  vector(
    'good-unicode',
    'accepts Korean text, escapes and an emoji in a claim',
    accessToken({ name: '홍길동 "\\ 😀' }),
    'ok',
  ),
  vector(
    'good-spaced',
    'accepts JSON with white space',
    signRaw(JSON.stringify(headerOf(currentKey), null, 2), JSON.stringify(validClaims, null, 1)),
    'ok',
  ),
  vector(
    'good-same-name-deeper',
    'accepts the same member name in different objects',
    accessToken({ a: { sub: 1, b: [{ sub: 2 }, { sub: 3 }] } }),
    'ok',
  ),
  vector(
    'good-unknown-header',
    'ignores an unknown header member',
    accessToken({}, { header: { x: 1 } }),
    'ok',
  ),
  vector(
    'good-jku-ignored',
    'ignores jku and jwk in the header',
    accessToken({}, { header: { jku: 'https://evil.example/jwks', jwk: unpublishedKey.jwk } }),
    'ok',
  ),
]

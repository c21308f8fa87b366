// The key of a token (`kid`) and its signature.
import {
  accessToken,
  base64url,
  changePart,
  currentKey,
  headerOf,
  rs256,
  tokenWithHeader,
  unpublishedKey,
  validClaims,
} from './tokens.ts'
import { type Vector, vector } from './vector.ts'

const withKid = (kid: unknown) => accessToken({}, { header: { kid } })

const keyIds: Vector[] = [
  vector(
    'kid-unknown',
    'rejects a key that the issuer did not publish',
    accessToken({}, { key: unpublishedKey }),
    'unknown_key',
  ),
  vector(
    'kid-missing',
    'rejects a token without kid',
    tokenWithHeader({ alg: 'RS256', typ: 'at+jwt' }, rs256(currentKey.privateKey)),
    'unknown_key',
  ),
  vector(
    'kid-other-use',
    'rejects an encryption key of the key set',
    withKid('for-encryption'),
    'unknown_key',
  ),
  vector(
    'kid-other-type',
    'rejects an elliptic curve key of the key set',
    withKid('elliptic'),
    'unknown_key',
  ),
  vector('kid-number', 'rejects a kid that is a number', withKid(1), 'unknown_key'),
  vector(
    'kid-prototype',
    'rejects a kid that names a property of every JavaScript object',
    withKid('__proto__'),
    'unknown_key',
  ),
]

const signatures: Vector[] = [
  vector(
    'signature-empty',
    'rejects an empty signature',
    changePart(accessToken(), 'signature', () => ''),
    'signature',
  ),
  vector(
    'signature-of-another-key',
    'rejects a signature of another key under a published kid',
    accessToken({}, { key: unpublishedKey, header: { kid: currentKey.kid } }),
    'signature',
  ),
  vector(
    'signature-of-another-token',
    'rejects the signature of another token',
    changePart(accessToken(), 'signature', () => accessToken({ jti: 'x' }).split('.')[2] ?? ''),
    'signature',
  ),
  vector(
    'signature-short',
    'rejects half a signature',
    changePart(accessToken(), 'signature', (part) => part.slice(0, 172)),
    'signature',
  ),
  vector(
    'payload-changed',
    'rejects a claim that was changed after signing',
    changePart(accessToken(), 'payload', () => base64url(JSON.stringify({ ...validClaims, sub: 'admin' }))),
    'signature',
  ),
  vector(
    'header-changed',
    'rejects a header member that was added after signing',
    changePart(accessToken(), 'header', () => base64url(JSON.stringify(headerOf(currentKey, { x: 1 })))),
    'signature',
  ),
]

export const signatureCases: Vector[] = [...keyIds, ...signatures]

// Signs the tokens of the corpus. The private keys exist only while this process runs.
// This file does not use the issuer's code, so that a mistake there cannot hide in the vectors.
import { createHmac, generateKeyPairSync, type KeyObject, sign as rsaSign } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK } from 'jose'

export type Json = Readonly<Record<string, unknown>>

export const now = 1_900_000_000
export const issuer = 'https://id.example'
export const legacyIssuer = 'https://legacy.example'
export const audience = 'https://api.example'
export const sharedSecret = 'shared-secret-of-these-vectors-and-of-nothing-else'

export const base64url = (value: string | Buffer): string => Buffer.from(value).toString('base64url')

const makeKey = async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { kty = '', n = '', e = '' } = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint({ kty, n, e })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return { kid, privateKey, pem, jwk: { kty, use: 'sig', alg: 'RS256', kid, n, e } }
}
export type Key = Awaited<ReturnType<typeof makeKey>>

/** The key that signs new tokens. */
export const currentKey = await makeKey()
/** A key that is still in the key set, although the feed lists it as revoked. */
export const revokedKey = await makeKey()
/** A key that is not in the key set. */
export const unpublishedKey = await makeKey()

/** The key of a legacy issuer whose services hold it as a PEM file. */
export const legacyKey = await makeKey()

type Sign = (input: string) => string

export const rs256 =
  (privateKey: KeyObject): Sign =>
  (input) =>
    rsaSign('sha256', Buffer.from(input), privateKey).toString('base64url')
export const hs256 =
  (secret: string): Sign =>
  (input) =>
    createHmac('sha256', secret).update(input).digest('base64url')

/** Signs header and payload as given. Neither needs to be valid JSON. */
export const signRaw = (
  header: string,
  payload: string | Buffer,
  sign: Sign = rs256(currentKey.privateKey),
): string => {
  const input = `${base64url(header)}.${base64url(payload)}`
  return `${input}.${sign(input)}`
}

export const validClaims: Json = {
  iss: issuer,
  sub: 'user-1',
  aud: audience,
  exp: now + 500,
  iat: now - 100,
  jti: 'token-1',
  client_id: 'web',
  sid: 'family-1',
  auth_time: now - 100,
  amr: ['pwd'],
  scope: 'openid notes:read',
  scopes: ['openid', 'notes:read'],
  roles: ['user', 'editor'],
  onboarded: true,
}

export const headerOf = (key: Key, more: Json = {}): Json => ({
  alg: 'RS256',
  typ: 'at+jwt',
  kid: key.kid,
  ...more,
})

/** A valid access token, with the given changes. A claim that is `undefined` is left out. */
export const accessToken = (claims: Json = {}, { key = currentKey, header = {} as Json } = {}): string =>
  signRaw(
    JSON.stringify(headerOf(key, header)),
    JSON.stringify({ ...validClaims, ...claims }),
    rs256(key.privateKey),
  )

/** A token with valid claims and the given header. Without `sign` its signature is empty. */
export const tokenWithHeader = (header: Json, sign: Sign = () => ''): string =>
  signRaw(JSON.stringify(header), JSON.stringify(validClaims), sign)

const parts = ['header', 'payload', 'signature']

/** The token with one of its three parts changed after signing. */
export const changePart = (token: string, name: string, change: (part: string) => string): string =>
  token
    .split('.')
    .map((part, index) => (parts[index] === name ? change(part) : part))
    .join('.')

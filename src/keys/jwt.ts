// The JOSE door: the only file that knows jose. Signs JWTs, and checks the JWTs that this issuer itself made. Does not
// know claims (tokens/), RSA keys in the making (rsa-keys.ts), or when a key signs (signing-keys.ts).

import type { webcrypto } from 'node:crypto'
import { CompactSign, calculateJwkThumbprint, compactVerify, errors } from 'jose'
import { epochSeconds } from '../clock.ts'
import type { Kid } from '../ids.ts'
import { isJsonObject } from '../json-object.ts'
import type { PublicKeyJwk, SigningKey } from './signing-keys.ts'

/** What a token needs to be checked: the key's public half. */
export interface VerifyingKey {
  kid: Kid
  alg: SigningKey['alg']
  publicKey: webcrypto.CryptoKey
}

/** A key in memory that can sign. The private half cannot be exported again. */
export interface LoadedKey extends VerifyingKey {
  privateKey: webcrypto.CryptoKey
}

/** RFC 7638, SHA-256. */
export const thumbprint = (jwk: PublicKeyJwk): Promise<string> => calculateJwkThumbprint({ ...jwk }, 'sha256')

export type JwtClaims = Readonly<Record<string, unknown>>

/**
 * Signs a JWT (RS256, RFC 7515). The header is ours alone: `alg` from the key, `typ`, `kid`, nothing else
 * (RFC 8725 §3.1). Claims that are undefined are left out.
 */
export const signJwt = ({
  typ,
  claims,
  key,
}: {
  typ: string
  claims: JwtClaims
  key: LoadedKey
}): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: key.alg, typ, kid: key.kid })
    .sign(key.privateKey)

/** Longer tokens are refused unread. */
export const maxTokenLength = 8192

/** Another instance's clock may be this far ahead of ours. */
const iatLeewaySeconds = 60

export interface JwtHeader {
  alg: SigningKey['alg']
  typ: string
  kid: Kid
}

export interface JwtPayload {
  iss: string
  iat: number
  exp: number
  [claim: string]: unknown
}

export type InvalidJwt =
  | 'too_large'
  | 'malformed'
  | 'header'
  | 'typ'
  | 'unknown_kid'
  | 'alg'
  | 'signature'
  | 'claims'
  | 'issuer'
  | 'audience'
  | 'issued_in_future'
  | 'expired'

export type JwtVerification =
  | { outcome: 'valid'; header: JwtHeader; payload: JwtPayload }
  | { outcome: 'invalid'; reason: InvalidJwt }

export interface JwtExpectation {
  keys: readonly VerifyingKey[]
  /** Exactly this `typ`: no other kind of token passes for it (RFC 8725 §3.11). */
  typ: string
  issuer: string
  /** Must be among the token's audiences, if given. */
  audience?: string
  now: Date
  /** For id_token_hint, which may be old (OIDC RP-Initiated Logout §2). */
  ignoreExpiry?: boolean
}

/**
 * One part of a token as an object, if its bytes are what this issuer would have written: canonical base64url and the
 * very text that JSON.stringify gives, so no member comes twice and there is only one reading.
 */
const readPart = (part: string): Record<string, unknown> | undefined => {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    if (!isJsonObject(value)) return undefined
    return JSON.stringify(value) === text ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const headerMembers = ['alg', 'typ', 'kid']

const isSeconds = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/**
 * Checks a JWT that this issuer made; anything it would not have written is refused (RFC 8725 §3.1-3.12). The key comes
 * from `keys` by `kid` and the algorithm from the key, never from the token. No leeway for `exp`.
 */
export const verifyJwt = async (token: string, expected: JwtExpectation): Promise<JwtVerification> => {
  const invalid = (reason: InvalidJwt): JwtVerification => ({ outcome: 'invalid', reason })
  if (token.length > maxTokenLength) return invalid('too_large')
  const [headerPart, payloadPart, signature, ...rest] = token.split('.')
  if (!headerPart || !payloadPart || signature === undefined || rest.length > 0) return invalid('malformed')
  const header = readPart(headerPart)
  const payload = readPart(payloadPart)
  if (header === undefined || payload === undefined) return invalid('malformed')

  // A member that signJwt never writes (crit, jku, jwk, x5u, …) means that the token is not ours.
  if (Object.keys(header).some((member) => !headerMembers.includes(member))) return invalid('header')
  const { alg, typ, kid } = header
  if (typ !== expected.typ) return invalid('typ')
  const key = typeof kid === 'string' ? expected.keys.find((key) => key.kid === kid) : undefined
  if (key === undefined) return invalid('unknown_kid')
  if (alg !== key.alg) return invalid('alg')
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return invalid('signature')
  try {
    await compactVerify(token, key.publicKey, { algorithms: [key.alg] })
  } catch (error) {
    if (error instanceof errors.JOSEError) return invalid('signature')
    throw error
  }

  const { iss, iat, exp, nbf, aud } = payload
  if (typeof iss !== 'string' || !isSeconds(iat) || !isSeconds(exp)) return invalid('claims')
  if (iss !== expected.issuer) return invalid('issuer')
  const audiences = Array.isArray(aud) ? aud : [aud]
  if (expected.audience !== undefined && !audiences.includes(expected.audience)) return invalid('audience')
  const now = epochSeconds(expected.now)
  if (iat > now + iatLeewaySeconds || (isSeconds(nbf) && nbf > now + iatLeewaySeconds))
    return invalid('issued_in_future')
  if (exp <= now && !expected.ignoreExpiry) return invalid('expired')
  return {
    outcome: 'valid',
    header: { alg: key.alg, typ, kid: key.kid },
    payload: { ...payload, iss, iat, exp },
  }
}

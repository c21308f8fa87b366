// Signs and verifies this issuer's JWTs. In keys/ only this file uses jose, which checks signatures. The
// claims are in tokens/, RSA keys in rsa-keys.ts.

import type { webcrypto } from 'node:crypto'
import { calculateJwkThumbprint, compactVerify, errors } from 'jose'
import { epochSeconds } from '../clock.ts'
import type { Kid } from '../ids.ts'
import { isJsonObject } from '../json-object.ts'
import type { PublicKeyJwk, SigningKey } from './signing-keys.ts'

/** A key in memory that can verify. */
export interface VerifyingKey {
  kid: Kid
  alg: SigningKey['alg']
  publicKey: webcrypto.CryptoKey
}

/** A key in memory that can sign. It has no member with the private key. */
export interface LoadedKey extends VerifyingKey {
  /** The signature in base64url. A thread of the pool makes it. */
  sign(text: string): Promise<string>
}

/** The thumbprint of a public key (RFC 7638, SHA-256), which is its `kid`. */
export const thumbprint = (jwk: PublicKeyJwk): Promise<string> => calculateJwkThumbprint({ ...jwk }, 'sha256')

export type JwtClaims = Readonly<Record<string, unknown>>

/** The header of each key and `typ`, in base64url, so that it is written once. */
const headers = new WeakMap<LoadedKey, Map<string, string>>()

const headerOf = (key: LoadedKey, typ: string): string => {
  const ofKey = headers.get(key) ?? new Map<string, string>()
  headers.set(key, ofKey)
  const header = ofKey.get(typ) ?? base64url(JSON.stringify({ alg: key.alg, typ, kid: key.kid }))
  ofKey.set(typ, header)
  return header
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url')

/**
 * Signs a JWT (RS256, RFC 7515 §5.1). The header has exactly `alg`, `typ` and `kid`, and `alg` comes from the
 * key (RFC 8725 §3.1). A claim that is undefined is omitted.
 */
export const signJwt = async ({
  typ,
  claims,
  key,
}: {
  typ: string
  claims: JwtClaims
  key: LoadedKey
}): Promise<string> => {
  const input = `${headerOf(key, typ)}.${base64url(JSON.stringify(claims))}`
  return `${input}.${await key.sign(input)}`
}

/** Longer tokens are rejected before they are parsed. */
export const maxTokenLength = 8192

/** The clock of another instance may be this many seconds ahead. */
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
  /** The exact `typ`, so that one kind of token is not accepted as another (RFC 8725 §3.11). */
  typ: string
  issuer: string
  /** If given, `aud` of the token must contain it. */
  audience?: string
  now: Date
  /** For id_token_hint, which may be expired (OIDC RP-Initiated Logout §2). */
  ignoreExpiry?: boolean
}

/**
 * Parses the header or the payload. It accepts only canonical base64url and the exact text that
 * JSON.stringify writes, so a part has no duplicate members and cannot be read in two ways.
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
 * Verifies a JWT of this issuer and rejects every form that `signJwt` never writes (RFC 8725 §3.1-3.12).
 * `kid` selects the key, and the key sets the algorithm. `exp` has no leeway.
 */
export const verifyJwt = async (token: string, expected: JwtExpectation): Promise<JwtVerification> => {
  const invalid = (reason: InvalidJwt): JwtVerification => ({ outcome: 'invalid', reason })
  if (token.length > maxTokenLength) return invalid('too_large')
  const [headerPart, payloadPart, signature, ...rest] = token.split('.')
  if (!headerPart || !payloadPart || signature === undefined || rest.length > 0) return invalid('malformed')
  const header = readPart(headerPart)
  const payload = readPart(payloadPart)
  if (header === undefined || payload === undefined) return invalid('malformed')

  // signJwt never writes other members (crit, jku, jwk, x5u, …), so this issuer did not sign the token.
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

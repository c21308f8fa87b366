// JWTs that somebody else signed (ID tokens and security events of providers): form, header and signature. Claims are the
// business of who asked for the token. Our own tokens are checked by jwt.ts, which accepts far less.

import { compactVerify, errors } from 'jose'
import { isJsonObject } from '../json-object.ts'
import type { RemoteJwks } from './remote-jwks.ts'

export type InvalidForeignJwt =
  | 'too_large'
  | 'malformed'
  | 'header'
  | 'alg'
  | 'typ'
  | 'unknown_kid'
  | 'signature'

export type ForeignJwt =
  | { outcome: 'valid'; payload: Readonly<Record<string, unknown>> }
  | { outcome: 'invalid'; reason: InvalidForeignJwt }
  /** The keys could not be fetched: the token may be good. */
  | { outcome: 'unavailable' }

const maxLength = 16_384

const readObject = (bytes: Uint8Array): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isJsonObject(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** `application/` may be left out, and case says nothing (RFC 7515 §4.1.9). */
const normalTyp = (typ: unknown): string | undefined =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined

/**
 * Checks a compact JWS with RS256, whatever its header asks for, and the publisher's key of its `kid`.
 * @param types the `typ` values to accept, in lower case; undefined for a token without one (RFC 8725 §3.11)
 */
export const verifyForeignJwt = async (
  token: string,
  { jwks, types }: { jwks: RemoteJwks; types: readonly (string | undefined)[] },
): Promise<ForeignJwt> => {
  const invalid = (reason: InvalidForeignJwt): ForeignJwt => ({ outcome: 'invalid', reason })
  if (token.length > maxLength) return invalid('too_large')
  const part = /^([\w-]+)\.[\w-]+\.[\w-]*$/.exec(token)?.[1]
  const header = part === undefined ? undefined : readObject(Buffer.from(part, 'base64url'))
  if (header === undefined) return invalid('malformed')
  const { alg, typ, kid } = header
  if (alg !== 'RS256') return invalid('alg')
  // We understand no extension, and a key that the token itself brings is no key (RFC 7515 §4.1.11, RFC 8725 §3.10).
  if (['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c'].some((member) => Object.hasOwn(header, member)))
    return invalid('header')
  if (!types.includes(normalTyp(typ)) || (typ !== undefined && typeof typ !== 'string')) return invalid('typ')
  if (typeof kid !== 'string') return invalid('unknown_kid')
  const key = await jwks.find(kid)
  if (key.outcome === 'unavailable') return { outcome: 'unavailable' }
  if (key.outcome === 'unknown') return invalid('unknown_kid')
  try {
    const { payload } = await compactVerify(token, key.publicKey, { algorithms: ['RS256'] })
    const claims = readObject(payload)
    return claims === undefined ? invalid('malformed') : { outcome: 'valid', payload: claims }
  } catch (error) {
    if (error instanceof errors.JOSEError) return invalid('signature')
    throw error
  }
}

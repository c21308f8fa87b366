// Verifies the format, header and signature of a provider's ID tokens and security events. The caller checks
// the claims. keys/jwt.ts verifies Dojang's own tokens and is stricter.

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
  /** The keys could not be fetched, so the token may be valid. */
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

/** The prefix `application/` may be omitted, and case does not matter (RFC 7515 §4.1.9). */
const normalTyp = (typ: unknown): string | undefined =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined

/**
 * Verifies a compact JWS with the publisher's key that has its `kid`. The algorithm is always RS256.
 * @param types the accepted `typ` values in lower case; undefined means no `typ` (RFC 8725 §3.11)
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
  // No extension is supported (RFC 7515 §4.1.11), and a key in the token must not verify it (RFC 8725 §3.10).
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

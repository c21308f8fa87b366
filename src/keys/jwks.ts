// The text and the ETag of the JWKS (RFC 7517). signing-keys.ts chooses its keys, and oauth/ serves it.
import { createHash } from 'node:crypto'
import type { SigningKey } from './signing-keys.ts'

export interface Jwks {
  body: string
  /** A strong ETag (RFC 9110 §8.8.3). */
  etag: string
  kids: readonly string[]
}

/** Lists every public member by name, so that a private member can never get into the key set. */
export const publicJwk = ({ kid, alg, publicJwk: { kty, n, e } }: SigningKey) => ({
  kty,
  use: 'sig',
  alg,
  kid,
  n,
  e,
})

export type PublicJwk = ReturnType<typeof publicJwk>

/** All keys have one type, because some consumers drop the whole set if they cannot read one key. */
export const jwks = (keys: readonly SigningKey[]): Jwks => {
  const body = JSON.stringify({ keys: keys.map(publicJwk) })
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  return { body, etag, kids: keys.map(({ kid }) => kid) }
}

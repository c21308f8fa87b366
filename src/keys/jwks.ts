// The public key set (RFC 7517): its text and ETag. Which keys are in it is signing-keys.ts; serving it is oauth/.
import { createHash } from 'node:crypto'
import type { SigningKey } from './signing-keys.ts'

export interface Jwks {
  body: string
  /** Strong (RFC 9110 §8.8.3): equal exactly when the body is. */
  etag: string
  kids: readonly string[]
}

/**
 * Names every member that is shown, so that a private one cannot slip through. One key type per set: some consumers drop
 * the whole set for one entry that they cannot read.
 */
export const jwks = (keys: readonly SigningKey[]): Jwks => {
  const body = JSON.stringify({
    keys: keys.map(({ kid, alg, publicJwk: { kty, n, e } }) => ({ kty, use: 'sig', alg, kid, n, e })),
  })
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  return { body, etag, kids: keys.map(({ kid }) => kid) }
}

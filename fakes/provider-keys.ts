// A provider's two signing keys. They sign valid JWTs and JWTs with each kind of bad signature.
import { createPublicKey, randomBytes } from 'node:crypto'
import { macBy, signedBy, type TheirKey, theirKey, unsigned } from './published-keys.ts'

/** A fault in the signature of a JWT. The claims stay valid. */
export type SignatureFault =
  | 'alg_none'
  /** HS256 with the PEM of the public key as the secret. */
  | 'hs256_public_key'
  /** HS256 with the client's secret. */
  | 'hs256_client_secret'
  | 'unknown_kid'
  /** The right `kid`, but the signature of another key. */
  | 'foreign_signature'

export const signatureFaults = [
  'alg_none',
  'hs256_public_key',
  'hs256_client_secret',
  'unknown_kid',
  'foreign_signature',
] as const satisfies readonly SignatureFault[]

export interface ProviderKeys {
  /** The published JWKS. */
  jwks(): { keys: Record<string, unknown>[] }
  /** A new key signs from now on. The older of the two keys leaves the JWKS. */
  rotate(): void
  sign(header: object, payload: object, fault?: SignatureFault): string
}

const newKey = (): TheirKey => theirKey(randomBytes(20).toString('hex'))

/** A key that no fake publishes. All fakes share it, because generating an RSA key is slow. */
let foreign: TheirKey | undefined

export const createProviderKeys = (clientSecret: string): ProviderKeys => {
  let older = newKey()
  let signing = newKey()
  return {
    jwks: () => ({
      keys: [older, signing].map(({ kid, jwk: { n, e } }) => ({
        kid,
        kty: 'RSA',
        alg: 'RS256',
        use: 'sig',
        n,
        e,
      })),
    }),
    rotate: () => {
      older = signing
      signing = newKey()
    },
    sign: (typ, payload, fault) => {
      const header = { ...typ, alg: 'RS256', kid: signing.kid }
      if (fault === 'alg_none') return unsigned({ ...header, alg: 'none' }, payload)
      const mac = (secret: string) => macBy(secret, { ...header, alg: 'HS256' }, payload)
      if (fault === 'hs256_public_key')
        return mac(String(createPublicKey(signing.privateKey).export({ type: 'spki', format: 'pem' })))
      if (fault === 'hs256_client_secret') return mac(clientSecret)
      if (fault === undefined) return signedBy(signing, header, payload)
      foreign ??= newKey()
      return signedBy(foreign, fault === 'unknown_kid' ? { ...header, kid: foreign.kid } : header, payload)
    },
  }
}

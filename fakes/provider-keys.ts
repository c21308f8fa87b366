// A provider's two signing keys and the JWTs it makes with them: good ones, and every kind of bad one.
import { createPublicKey, randomBytes } from 'node:crypto'
import { macBy, signedBy, type TheirKey, theirKey, unsigned } from './published-keys.ts'

/** Something wrong with how a JWT is signed, whatever it says. */
export type SignatureFault =
  | 'alg_none'
  /** HS256, keyed with the public key's PEM. */
  | 'hs256_public_key'
  /** HS256, keyed with the client's secret. */
  | 'hs256_client_secret'
  | 'unknown_kid'
  /** The right `kid`, somebody else's key. */
  | 'foreign_signature'

export const signatureFaults = [
  'alg_none',
  'hs256_public_key',
  'hs256_client_secret',
  'unknown_kid',
  'foreign_signature',
] as const satisfies readonly SignatureFault[]

export interface ProviderKeys {
  /** The JWKS, as published. */
  jwks(): { keys: Record<string, unknown>[] }
  /** A new key signs from now on; the older of the two is no longer published. */
  rotate(): void
  sign(header: object, payload: object, fault?: SignatureFault): string
}

const newKey = (): TheirKey => theirKey(randomBytes(20).toString('hex'))

/** Making RSA keys is slow: one spare serves as somebody else's key in every fake of the process. */
let foreign: TheirKey | undefined

export const providerKeys = (clientSecret: string): ProviderKeys => {
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

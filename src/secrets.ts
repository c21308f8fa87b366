// Functions that make, hash and compare secrets. They store nothing.
import {
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto'

/** Random bytes that are not used yet. One call of the system's generator fills it for many tokens. */
const pool = Buffer.alloc(4096)
let used = pool.length

/** Random bytes from the system's secure generator, in base64url. The default is 32 bytes (256 bits). */
export const randomToken = (bytes = 32): string => {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const taken = pool.subarray(used, used + bytes)
  used += bytes
  const token = taken.toString('base64url')
  taken.fill(0)
  return token
}

/** The form in which a store keeps a random token. Do not use it for passwords: they need a slow hash. */
export const hashToken = (token: string): string => hash('sha256', token, 'base64url')

/** Node returns a digest as text faster than as a Buffer. */
const bytesOf = (digest: string): Buffer => Buffer.from(digest, 'binary')

/** Compares in constant time. Hashes both strings first, because timingSafeEqual needs equal lengths. */
export const sameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(bytesOf(hash('sha256', a, 'binary')), bytesOf(hash('sha256', b, 'binary')))

/** Derives a separate key for each purpose from one secret (HKDF, RFC 5869). */
export const deriveKey = (secret: Uint8Array, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `dojang/${purpose}`, 32)))

/** HMAC-SHA-256 (RFC 2104). */
export const hmac = (key: KeyObject, message: string): Buffer =>
  bytesOf(createHmac('sha256', key).update(message).digest('binary'))

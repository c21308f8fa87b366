// Functions that make, hash and compare secrets. They store nothing.
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** Random bytes from the system's secure generator, in base64url. The default is 32 bytes (256 bits). */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString('base64url')

/** The form in which a store keeps a random token. Do not use it for passwords: they need a slow hash. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Compares in constant time. Hashes both strings first, because timingSafeEqual needs equal lengths. */
export const sameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())

/** Derives a separate key for each purpose from one secret (HKDF, RFC 5869). */
export const deriveKey = (secret: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `dojang/${purpose}`, 32))

/** HMAC-SHA-256 (RFC 2104). */
export const hmac = (key: Uint8Array, message: string): Buffer =>
  createHmac('sha256', key).update(message).digest()

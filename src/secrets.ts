// Making, hashing and comparing secrets. Owns no secret; knows no record.
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** A CSPRNG value in base64url; 32 bytes (256 bits) unless told otherwise. */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString('base64url')

/** What a store may keep of a random token. Not for passwords, which need a slow hash. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Compares two strings as equal-length digests, in constant time. */
export const sameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())

/** One key per purpose from one secret (RFC 5869). */
export const deriveKey = (secret: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `dojang/${purpose}`, 32))

export const hmac = (key: Uint8Array, message: string): Buffer =>
  createHmac('sha256', key).update(message).digest()

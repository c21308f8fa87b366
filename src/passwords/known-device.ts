// The mark of a known device: a value that only a device has from which the user signed in. The server
// stores nothing. The mark is signed, and contains the user, the time of issue and the current password hash.
import type { KeyObject } from 'node:crypto'
import { epochSeconds } from '../clock.ts'
import { deriveKey, hashToken, hmac, randomToken, sameSecret } from '../secrets.ts'
import type { User } from '../users/user.ts'

/** A mark ends after half a year, and when the password is set again. */
export const knownDeviceSeconds = 180 * 86_400

export interface KnownDevice {
  id: string
  issuedAt: Date
}

export interface KnownDevices {
  /** A new mark for a device from which the user has just signed in. */
  mark(user: User, now: Date): string
  /** The device of a mark. Undefined if the mark is forged, has ended or belongs to another user. */
  find(mark: string | undefined, user: User | undefined, now: Date): KnownDevice | undefined
}

/** @param secrets the key-encryption keys, newest first. The first signs, and every one verifies. */
export const createKnownDevices = (secrets: readonly Uint8Array[]): KnownDevices => {
  const keys = secrets.map((secret) => deriveKey(secret, 'known-device'))

  /** A new password changes the signature, so a thief of the old password has no mark any more. */
  const signature = (key: KeyObject, id: string, issuedAt: string, { id: userId, passwordHash }: User) =>
    hmac(key, [id, issuedAt, userId, hashToken(passwordHash ?? '')].join('.')).toString('base64url')

  return {
    mark: (user, now) => {
      const [id, issuedAt] = [randomToken(16), String(epochSeconds(now))]
      return keys
        .slice(0, 1)
        .map((key) => [id, issuedAt, signature(key, id, issuedAt, user)].join('.'))
        .join('')
    },
    find: (mark, user, now) => {
      const [id, issued, signed, ...rest] = mark?.split('.') ?? []
      if (id === undefined || issued === undefined || signed === undefined || rest.length > 0)
        return undefined
      if (user === undefined || !/^\d{1,12}$/.test(issued)) return undefined
      if (epochSeconds(now) >= Number(issued) + knownDeviceSeconds) return undefined
      if (!keys.some((key) => sameSecret(signed, signature(key, id, issued, user)))) return undefined
      return { id, issuedAt: new Date(Number(issued) * 1000) }
    },
  }
}

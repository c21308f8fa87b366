// The text form of a refresh token: `drt_family.generation.tag`. Garbage is rejected before any store is read.
import type { FamilyId } from '../ids.ts'
import { deriveKey, hmac, sameSecret } from '../secrets.ts'
import type { Family } from '../sessions/family.ts'

export interface ParsedRefreshToken {
  familyId: FamilyId
  generation: number
  tag: string
  /** Which of our keys made it: the current one, or the one before it. */
  key: Uint8Array
}

export interface RefreshTokenFormat {
  write(family: Pick<Family, 'id' | 'salt'>, generation: number): string
  /** Undefined for garbage: no store is asked for what this server never made. */
  read(token: string): ParsedRefreshToken | undefined
  tagMatches(token: ParsedRefreshToken, family: Pick<Family, 'id' | 'salt'>): boolean
}

const form = /^drt_([A-Za-z0-9_-]{22})\.(\d{1,10})\.([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{43})$/

const checkOf = (key: Uint8Array, familyId: FamilyId, generation: number): string =>
  hmac(key, `check.${familyId}.${generation}`).subarray(0, 16).toString('base64url')

const tagOf = (key: Uint8Array, familyId: FamilyId, generation: number, salt: string): string =>
  hmac(key, `tag.${familyId}.${generation}.${salt}`).toString('base64url')

/**
 * Tokens are `drt_family.generation.tag`, where the tag's first part needs only the key to check, the second the
 * family's salt too. `secrets` are the key-encryption keys: the first writes, all are read (rotation window).
 */
export const createRefreshTokenFormat = (secrets: readonly Uint8Array[]): RefreshTokenFormat => {
  const keys = secrets.map((secret) => deriveKey(secret, 'refresh-token'))
  const writing = keys[0]
  if (writing === undefined) throw new Error('refreshTokenFormat needs a key')
  return {
    write: ({ id, salt }, generation) =>
      `drt_${id}.${generation}.${checkOf(writing, id, generation)}${tagOf(writing, id, generation, salt)}`,
    read: (token) => {
      const [, familyId, digits, check, tag] = form.exec(token) ?? []
      if (familyId === undefined || digits === undefined || check === undefined || tag === undefined)
        return undefined
      const generation = Number(digits)
      if (String(generation) !== digits) return undefined
      const key = keys.find((key) => sameSecret(check, checkOf(key, familyId, generation)))
      return key && { familyId, generation, tag, key }
    },
    tagMatches: ({ familyId, generation, tag, key }, family) =>
      familyId === family.id && sameSecret(tag, tagOf(key, familyId, generation, family.salt)),
  }
}

// The text form of a refresh token: `drt_family.generation.tag`.
// The first part of the tag needs only the server's key, so forged tokens are rejected without a store.
import type { KeyObject } from 'node:crypto'
import type { FamilyId } from '../ids.ts'
import { deriveKey, hmac, sameSecret } from '../secrets.ts'
import type { Family } from '../sessions/family.ts'

export interface ParsedRefreshToken {
  familyId: FamilyId
  generation: number
  tag: string
  /** The key that made the token: the current one or a previous one. */
  key: KeyObject
}

export interface RefreshTokenFormat {
  write(family: Pick<Family, 'id' | 'salt'>, generation: number): string
  /** Undefined if this server did not create the text. Needs no store. */
  read(token: string): ParsedRefreshToken | undefined
  /** Checks the second part of the tag. Only the server's key and the family's salt can create it. */
  tagMatches(token: ParsedRefreshToken, family: Pick<Family, 'id' | 'salt'>): boolean
}

const form = /^drt_([A-Za-z0-9_-]{22})\.(0|[1-9]\d{0,9})\.([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{43})$/

const checkOf = (key: KeyObject, familyId: FamilyId, generation: number): string =>
  hmac(key, `check.${familyId}.${generation}`).subarray(0, 16).toString('base64url')

const tagOf = (key: KeyObject, familyId: FamilyId, generation: number, salt: string): string =>
  hmac(key, `tag.${familyId}.${generation}.${salt}`).toString('base64url')

/** @param secrets the key-encryption keys: the first one writes tokens, and all of them read tokens */
export const createRefreshTokenFormat = (secrets: readonly Uint8Array[]): RefreshTokenFormat => {
  const keys = secrets.map((secret) => deriveKey(secret, 'refresh-token'))
  const currentKey = keys[0]
  if (currentKey === undefined) throw new Error('createRefreshTokenFormat needs at least one key.')
  return {
    write: ({ id, salt }, generation) => {
      const tag = checkOf(currentKey, id, generation) + tagOf(currentKey, id, generation, salt)
      return `drt_${id}.${generation}.${tag}`
    },
    read: (token) => {
      const parts = form.exec(token)
      if (parts === null) return undefined
      const [, familyId = '', digits, check = '', tag = ''] = parts
      const generation = Number(digits)
      const key = keys.find((key) => sameSecret(check, checkOf(key, familyId, generation)))
      return key && { familyId, generation, tag, key }
    },
    tagMatches: ({ familyId, generation, tag, key }, { salt }) =>
      sameSecret(tag, tagOf(key, familyId, generation, salt)),
  }
}

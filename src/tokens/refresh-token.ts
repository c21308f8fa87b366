// Refresh tokens: one record per family, however often it refreshes (design: docs/architecture.md). Owns the token's
// form, the family record, its port, and the rules of rotation, grace and reuse.
import { deriveKey, hmac, randomToken, sameSecret } from '../secrets.ts'

export interface Family {
  /** The `sid` of its tokens. */
  id: string
  clientId: string
  userId: string
  sessionId: string
  /** A family of the first-party API is not refreshed at /token, nor the reverse. */
  startedBy: 'authorization_code' | 'password'
  /** What was granted; a refresh may narrow one access token, never this (RFC 6749 §6). */
  scope: readonly string[]
  resource: readonly string[]
  authTime: Date
  amr: readonly string[]
  generation: number
  /** Random; makes the tag unforgeable for whoever has the key but not the store. */
  salt: string
  startedAt: Date
  rotatedAt: Date
  idleExpiresAt: Date
  /** Fixed when the family starts (ASVS 10.4.8). */
  expiresAt: Date
  revokedAt?: Date
}

export interface Presentation {
  generation: number
  now: Date
  graceSeconds: number
  /** The new idle expiry; the store never sets it past the family's `expiresAt`. */
  idleExpiresAt: Date
}

/**
 * rotated: generation g became g + 1. replayed: g - 1 came again inside the grace, while g is unused; nothing changed.
 * reused: an older generation; the family is revoked. ahead: the store lost writes. gone: unknown, revoked or expired.
 */
export type Rotation = 'rotated' | 'replayed' | 'reused' | 'ahead' | 'gone'

/** The same without rotation, for clients whose policy is `reuse`. */
export type Keeping = 'kept' | 'reused' | 'ahead' | 'gone'

export interface RefreshTokens {
  start(family: Family): Promise<void>
  /** Also finds a revoked or expired one, while the store keeps it (at least until `expiresAt`). */
  find(id: string): Promise<Family | undefined>
  /** Of any number of concurrent calls with one generation exactly one is 'rotated' (RFC 9700 §4.14.2). */
  rotate(id: string, presentation: Presentation): Promise<Rotation>
  keep(id: string, presentation: Presentation): Promise<Keeping>
  /** True if this call revoked it. */
  revoke(id: string, now: Date): Promise<boolean>
}

/** What `rotate` decides, for a store that can hold the record still while it asks (and the model of those that cannot). */
export const judgeRotation = (family: Family, { generation, now, graceSeconds }: Presentation): Rotation => {
  if (generation > family.generation) return 'ahead'
  const inGrace =
    generation === family.generation - 1 && now.getTime() < family.rotatedAt.getTime() + graceSeconds * 1000
  if (generation < family.generation && !inGrace) return 'reused'
  if (family.revokedAt !== undefined || now >= family.expiresAt || now >= family.idleExpiresAt) return 'gone'
  return inGrace ? 'replayed' : 'rotated'
}

/** What `keep` decides: the same, and no grace. */
export const judgeKeeping = (family: Family, presentation: Presentation): Keeping => {
  const judged = judgeRotation(family, { ...presentation, graceSeconds: 0 })
  return judged === 'rotated' || judged === 'replayed' ? 'kept' : judged
}

export const newFamilyId = (): string => randomToken(16)

export interface ParsedRefreshToken {
  familyId: string
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

const checkOf = (key: Uint8Array, familyId: string, generation: number): string =>
  hmac(key, `check.${familyId}.${generation}`).subarray(0, 16).toString('base64url')

const tagOf = (key: Uint8Array, familyId: string, generation: number, salt: string): string =>
  hmac(key, `tag.${familyId}.${generation}.${salt}`).toString('base64url')

/**
 * Tokens are `drt_family.generation.tag`, where the tag's first part needs only the key to check, the second the
 * family's salt too. `secrets` are the key-encryption keys: the first writes, all are read (rotation window).
 */
export const refreshTokenFormat = (secrets: readonly Uint8Array[]): RefreshTokenFormat => {
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

// Refresh-token families: the record, its port, and the rules of rotation, grace and reuse. One record per family,
// however often it refreshes. The text form of the token is in tokens/refresh-token-format.ts.
import type { ClientId, FamilyId, SessionId, UserId } from '../ids.ts'
import { randomToken } from '../secrets.ts'

export interface Family {
  /** The `sid` of its tokens. */
  id: FamilyId
  clientId: ClientId
  userId: UserId
  sessionId: SessionId
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

export interface RefreshAttempt {
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
export type Acceptance = 'accepted' | 'reused' | 'ahead' | 'gone'

export interface RefreshTokens {
  start(family: Family): Promise<void>
  /** Also finds a revoked or expired one, while the store keeps it (at least until `expiresAt`). */
  find(id: FamilyId): Promise<Family | undefined>
  /** Of any number of concurrent calls with one generation exactly one is 'rotated' (RFC 9700 §4.14.2). */
  rotate(id: FamilyId, presentation: RefreshAttempt): Promise<Rotation>
  acceptCurrent(id: FamilyId, presentation: RefreshAttempt): Promise<Acceptance>
  /** True if this call revoked it. */
  revoke(id: FamilyId, now: Date): Promise<boolean>
}

/** What `rotate` decides, for a store that can hold the record still while it asks (and the model of those that cannot). */
export const decideRotation = (
  family: Family,
  { generation, now, graceSeconds }: RefreshAttempt,
): Rotation => {
  if (generation > family.generation) return 'ahead'
  const inGrace =
    generation === family.generation - 1 && now.getTime() < family.rotatedAt.getTime() + graceSeconds * 1000
  if (generation < family.generation && !inGrace) return 'reused'
  if (family.revokedAt !== undefined || now >= family.expiresAt || now >= family.idleExpiresAt) return 'gone'
  return inGrace ? 'replayed' : 'rotated'
}

/** What `keep` decides: the same, and no grace. */
export const decideAcceptance = (family: Family, presentation: RefreshAttempt): Acceptance => {
  const judged = decideRotation(family, { ...presentation, graceSeconds: 0 })
  return judged === 'rotated' || judged === 'replayed' ? 'accepted' : judged
}

export const newFamilyId = (): FamilyId => randomToken(16)

// Refresh-token families: the record, its port, and the rules of rotation, grace and reuse.
// The text form of the token is in tokens/refresh-token-format.ts.
import type { ClientId, FamilyId, SessionId, UserId } from '../ids.ts'
import { randomToken } from '../secrets.ts'

/** All tokens of one client from one grant. A refresh changes the record and creates no new one. */
export interface Family {
  /** The `sid` claim of its tokens. */
  id: FamilyId
  clientId: ClientId
  userId: UserId
  sessionId: SessionId
  /** A `password` family is refreshed only at the first-party API, the other kind only at /token. */
  startedBy: 'authorization_code' | 'password'
  /** The granted scope. A refresh may narrow one access token, but never this scope (RFC 6749 §6). */
  scope: readonly string[]
  resource: readonly string[]
  authTime: Date
  amr: readonly string[]
  /** Starts at 0. Each rotation adds 1. */
  generation: number
  /** Random input of the token's tag, so that the server's key alone cannot forge a token. */
  salt: string
  startedAt: Date
  rotatedAt: Date
  idleExpiresAt: Date
  /** Fixed when the family starts (ASVS 10.4.8). */
  expiresAt: Date
  revokedAt?: Date
}

export interface RefreshAttempt {
  /** The generation of the token that the client sent. */
  generation: number
  now: Date
  graceSeconds: number
  /** The new idle expiry; the store never sets it past the family's `expiresAt`. */
  idleExpiresAt: Date
}

/**
 * The result for a token of generation g:
 * - rotated: g was current, and the family is now at g + 1.
 * - replayed: the family is at g + 1 and inside the grace. Nothing changed.
 * - reused: g is older than that, or the grace is over. The family is revoked.
 * - ahead: g is higher than the family's generation, because the store lost writes. Nothing changed.
 * - gone: the family is unknown, revoked or expired.
 */
export type Rotation = 'rotated' | 'replayed' | 'reused' | 'ahead' | 'gone'

/** The result for clients with the policy `reuse`, whose tokens do not rotate. */
export type Acceptance = 'accepted' | 'reused' | 'ahead' | 'gone'

export interface RefreshTokens {
  start(family: Family): Promise<void>
  /** Also finds revoked families. The store keeps a family at least until `expiresAt`. */
  find(id: FamilyId): Promise<Family | undefined>
  /** Exactly one of any number of concurrent calls with one generation is 'rotated' (RFC 9700 §4.14.2). */
  rotate(id: FamilyId, attempt: RefreshAttempt): Promise<Rotation>
  /** Accepts the current generation without a rotation, and extends the idle expiry. There is no grace. */
  acceptCurrent(id: FamilyId, attempt: RefreshAttempt): Promise<Acceptance>
  /** True if this call revoked the family. */
  revoke(id: FamilyId, now: Date): Promise<boolean>
}

/**
 * The rule of `rotate`, which the SQL store calls. The Redis script implements the same rule, and the
 * contract tests run against both.
 */
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

/** The rule of `acceptCurrent`: the rule of `rotate` without a grace. */
export const decideAcceptance = (family: Family, attempt: RefreshAttempt): Acceptance => {
  const rotation = decideRotation(family, { ...attempt, graceSeconds: 0 })
  return rotation === 'rotated' || rotation === 'replayed' ? 'accepted' : rotation
}

export const newFamilyId = (): FamilyId => randomToken(16)

// Refresh-token families: the record, its port, and the rules of rotation, grace and reuse.
// The text form of the token is in tokens/refresh-token-format.ts.
import { earlier } from '../clock.ts'
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
  /** The sender of the last rotation (RefreshSender). Absent before the first rotation. */
  rotationNetwork?: string
  rotationUserAgent?: string
  /** The number of replays inside the grace. */
  replays: number
  /** The generation whose token was replayed last. Absent before the first replay. */
  replayedGeneration?: number
  /** The length of the last run of generations that were all replayed. It stays at `repeatedReplays`. */
  replayRun: number
  idleExpiresAt: Date
  /** Fixed when the family starts (ASVS 10.4.8). */
  expiresAt: Date
  revokedAt?: Date
}

/** Where a refresh comes from. Both members are short hashes, so that the store knows no address. */
export interface RefreshSender {
  network: string
  userAgent: string
}

export interface RefreshAttempt extends RefreshSender {
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
 * - replayed: the family is at g + 1 and inside the grace. Only the count of replays changed.
 * - replayed_repeatedly: replayed, and the run of replayed generations became `repeatedReplays` long. This
 *   happens once in the life of a family.
 * - reused: g is older than that, or the grace is over. The family is revoked.
 * - reused_elsewhere: inside the grace, but network and user agent are both others. The family is revoked.
 * - ahead: g is higher than the family's generation, because the store lost writes. Nothing changed.
 * - gone: the family is unknown, revoked or expired.
 */
export type Rotation =
  | 'rotated'
  | 'replayed'
  | 'replayed_repeatedly'
  | 'reused'
  | 'reused_elsewhere'
  | 'ahead'
  | 'gone'

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

/** The members of a family that a refresh may change. */
type RefreshState = Pick<
  Family,
  | 'generation'
  | 'rotatedAt'
  | 'rotationNetwork'
  | 'rotationUserAgent'
  | 'replays'
  | 'replayedGeneration'
  | 'replayRun'
  | 'idleExpiresAt'
  | 'revokedAt'
>

/** What a rule decides: the outcome, and the members of the family that change with it. */
export interface Decision<Outcome> {
  outcome: Outcome
  changes: Partial<RefreshState>
}

type Age = 'ahead' | 'current' | 'in grace' | 'old'

const ageOf = (family: Family, { generation, now, graceSeconds }: RefreshAttempt): Age => {
  if (generation > family.generation) return 'ahead'
  if (generation === family.generation) return 'current'
  const graceEndsAt = family.rotatedAt.getTime() + graceSeconds * 1000
  return generation === family.generation - 1 && now.getTime() < graceEndsAt ? 'in grace' : 'old'
}

/**
 * Two tabs share a browser, and a phone that changes its network keeps its browser. So a race of one user
 * agrees in at least one of the two (docs/decisions/0047-grace-for-honest-races.md).
 */
const isElsewhere = (family: Family, { network, userAgent }: RefreshSender): boolean =>
  family.rotationNetwork !== undefined &&
  family.rotationNetwork !== network &&
  family.rotationUserAgent !== userAgent

const revoking = <Outcome>(outcome: Outcome, family: Family, now: Date): Decision<Outcome> => ({
  outcome,
  changes: family.revokedAt === undefined ? { revokedAt: now } : {},
})

const isOver = ({ revokedAt, expiresAt, idleExpiresAt }: Family, now: Date): boolean =>
  revokedAt !== undefined || now >= expiresAt || now >= idleExpiresAt

const idleAgain = (family: Family, { idleExpiresAt }: RefreshAttempt) => ({
  idleExpiresAt: earlier(idleExpiresAt, family.expiresAt),
})

/** A run of this many replayed generations is reported, because a thief could follow the client. */
export const repeatedReplays = 5

export const isReplayedRepeatedly = ({ replayRun }: Pick<Family, 'replayRun'>): boolean =>
  replayRun === repeatedReplays

/** The run after a replay of this generation. A run that was reported does not change any more. */
const nextReplayRun = (family: Family, generation: number): number => {
  const { replayRun, replayedGeneration } = family
  if (isReplayedRepeatedly(family) || replayedGeneration === generation) return replayRun
  return replayedGeneration === generation - 1 ? replayRun + 1 : 1
}

const replayed = (
  family: Family,
  { generation }: RefreshAttempt,
): Decision<'replayed' | 'replayed_repeatedly'> => {
  const replayRun = nextReplayRun(family, generation)
  const isNew = isReplayedRepeatedly({ replayRun }) && !isReplayedRepeatedly(family)
  return {
    outcome: isNew ? 'replayed_repeatedly' : 'replayed',
    changes: { replays: family.replays + 1, replayedGeneration: generation, replayRun },
  }
}

/**
 * The rule of `rotate`, which the SQL store calls. The Redis script implements the same rule, and the
 * contract tests run against both.
 */
export const decideRotation = (family: Family, attempt: RefreshAttempt): Decision<Rotation> => {
  const { now } = attempt
  const age = ageOf(family, attempt)
  if (age === 'ahead') return { outcome: 'ahead', changes: {} }
  if (age === 'old') return revoking('reused', family, now)
  if (age === 'in grace' && isElsewhere(family, attempt)) return revoking('reused_elsewhere', family, now)
  if (isOver(family, now)) return { outcome: 'gone', changes: {} }
  if (age === 'in grace') return replayed(family, attempt)
  return {
    outcome: 'rotated',
    changes: {
      generation: family.generation + 1,
      rotatedAt: now,
      rotationNetwork: attempt.network,
      rotationUserAgent: attempt.userAgent,
      ...idleAgain(family, attempt),
    },
  }
}

/** The rule of `acceptCurrent`: the rule of `rotate` without a rotation and without a grace. */
export const decideAcceptance = (family: Family, attempt: RefreshAttempt): Decision<Acceptance> => {
  const { now } = attempt
  const age = ageOf(family, { ...attempt, graceSeconds: 0 })
  if (age === 'ahead') return { outcome: 'ahead', changes: {} }
  if (age === 'old') return revoking('reused', family, now)
  if (isOver(family, now)) return { outcome: 'gone', changes: {} }
  return { outcome: 'accepted', changes: idleAgain(family, attempt) }
}

export const newFamilyId = (): FamilyId => randomToken(16)

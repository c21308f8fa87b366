// The time for which Redis keeps a record. Expiry in Redis only frees memory. The record's own `expiresAt`
// is the rule.

/** The margin for sessions and families. */
export const dayMs = 86_400_000

/** The margin for records that anyone can create, and for short-lived records. */
export const hourMs = 3_600_000

/** The life of the record plus a margin, as a duration, so that the clock of Redis does not matter. */
export const ttlMs = (writtenAt: Date, expiresAt: Date, marginMs: number): number =>
  Math.max(0, expiresAt.getTime() - writtenAt.getTime()) + marginMs

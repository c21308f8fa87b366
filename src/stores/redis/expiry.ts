// How long Redis keeps a record. Expiry in Redis only tidies up; the rule is the record's own expiresAt, by our clock.

/** For what people's sign-ins leave behind: sessions and families. */
export const aDay = 86_400_000

/** For what anyone can make us store, or what soon concerns nobody. */
export const anHour = 3_600_000

/** The record's own life and a margin, in ms from the moment it is written: a span, so that no two clocks must agree. */
export const ttlMs = (writtenAt: Date, expiresAt: Date, margin: number): number =>
  Math.max(0, expiresAt.getTime() - writtenAt.getTime()) + margin

// The one place that reads time. Everything else holds a Clock or is given `now` (docs/decisions/0014-time-is-an-argument.md).

export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

export const secondsAfter = (moment: Date, seconds: number): Date =>
  new Date(moment.getTime() + seconds * 1000)

/** Whole seconds since 1970, rounded down: the NumericDate of RFC 7519 §2. */
export const epochSeconds = (moment: Date): number => Math.floor(moment.getTime() / 1000)

export const fromEpochSeconds = (seconds: number): Date => new Date(seconds * 1000)

export const earlier = (a: Date, b: Date): Date => (a <= b ? a : b)

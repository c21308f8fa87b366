// The only file that reads the system clock. All other code holds a Clock or receives `now` as an argument
// (docs/decisions/0014-time-is-an-argument.md).

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

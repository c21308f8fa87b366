// A clock that moves only when a test calls `advance`.
import { type Clock, secondsAfter } from '../../src/clock.ts'

export interface TestClock extends Clock {
  advance(seconds: number): void
}

export const testClock = (start: Date = new Date('2026-03-01T09:00:00.123Z')): TestClock => {
  let now = start
  return {
    now: () => now,
    advance: (seconds) => {
      now = secondsAfter(now, seconds)
    },
  }
}

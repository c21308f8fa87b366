// Timers that fire when the test's clock reaches them. `advance` waits for the work that each timer starts.
import { secondsAfter } from '../../src/clock.ts'
import type { TestClock } from './clock.ts'

export interface TestTimers {
  after(milliseconds: number, work: () => Promise<void>): () => void
  /** Moves the clock forward. Stops at each timer that is due, and runs its work. */
  advance(seconds: number): Promise<void>
  /** The number of timers that have not fired. */
  waiting(): number
}

export const testTimers = (clock: TestClock): TestTimers => {
  const timers = new Set<{ at: Date; work: () => Promise<void> }>()
  const moveTo = (moment: Date) => clock.advance((moment.getTime() - clock.now().getTime()) / 1000)
  return {
    after: (milliseconds, work) => {
      const timer = { at: secondsAfter(clock.now(), milliseconds / 1000), work }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance: async (seconds) => {
      const end = secondsAfter(clock.now(), seconds)
      for (;;) {
        const [next] = [...timers]
          .filter(({ at }) => at <= end)
          .sort((a, b) => a.at.getTime() - b.at.getTime())
        if (next === undefined) break
        timers.delete(next)
        moveTo(next.at)
        await next.work()
      }
      moveTo(end)
    },
    waiting: () => timers.size,
  }
}

// The in-memory model of login attempts: one counter per key. src/throttle/login-attempts.ts has the rule.
import { type AttemptCount, decideAttempt, type LoginAttempts } from '../../../src/throttle/login-attempts.ts'

export const memoryLoginAttempts = (): LoginAttempts => {
  const counts = new Map<string, AttemptCount>()

  return {
    attempt: async (key, policy, now) => {
      const { attempt, next } = decideAttempt(counts.get(key), policy, now)
      if (next) counts.set(key, next)
      return attempt
    },
    reset: async (key) => {
      counts.delete(key)
    },
    undo: async (key) => {
      const current = counts.get(key)
      if (current)
        counts.set(key, { ...current, count: Math.max(0, current.count - 1), nextAllowedAt: new Date(0) })
    },
  }
}

// The in-memory model of refresh families: one record each. src/sessions/family.ts has the rules.
import { earlier } from '../../../src/clock.ts'
import {
  decideAcceptance,
  decideRotation,
  type Family,
  type RefreshAttempt,
  type RefreshTokens,
} from '../../../src/sessions/family.ts'

export const memoryRefreshTokens = (): RefreshTokens => {
  const kept = new Map<string, Family>()

  const use = <Outcome>(
    id: string,
    attempt: RefreshAttempt,
    decide: (family: Family, attempt: RefreshAttempt) => Outcome,
  ): Outcome | 'gone' => {
    const family = kept.get(id)
    if (family === undefined) return 'gone'
    const outcome = decide(family, attempt)
    if (outcome === 'reused') family.revokedAt ??= attempt.now
    if (outcome === 'rotated') {
      family.generation += 1
      family.rotatedAt = attempt.now
    }
    if (outcome === 'rotated' || outcome === 'accepted')
      family.idleExpiresAt = earlier(attempt.idleExpiresAt, family.expiresAt)
    return outcome
  }

  return {
    start: async (family) => {
      kept.set(family.id, structuredClone(family))
    },
    find: async (id) => structuredClone(kept.get(id)),
    rotate: async (id, attempt) => use(id, attempt, decideRotation),
    acceptCurrent: async (id, attempt) => use(id, attempt, decideAcceptance),
    revoke: async (id, now) => {
      const family = kept.get(id)
      if (family === undefined || family.revokedAt !== undefined) return false
      family.revokedAt = now
      return true
    },
  }
}

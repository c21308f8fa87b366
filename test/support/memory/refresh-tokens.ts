// The in-memory model of refresh families: one record each. src/sessions/family.ts has the rules.
import {
  type Decision,
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
    decide: (family: Family, attempt: RefreshAttempt) => Decision<Outcome>,
  ): Outcome | 'gone' => {
    const family = kept.get(id)
    if (family === undefined) return 'gone'
    const { outcome, changes } = decide(family, attempt)
    Object.assign(family, changes)
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

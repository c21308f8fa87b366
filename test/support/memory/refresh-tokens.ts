// The model of refresh families: one record each, judged by the rules in src/tokens/refresh-token.ts.
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

  const use = <Verdict>(
    id: string,
    presentation: RefreshAttempt,
    judge: (family: Family, presentation: RefreshAttempt) => Verdict,
  ): Verdict | 'gone' => {
    const family = kept.get(id)
    if (family === undefined) return 'gone'
    const verdict = judge(family, presentation)
    if (verdict === 'reused') family.revokedAt ??= presentation.now
    if (verdict === 'rotated') {
      family.generation += 1
      family.rotatedAt = presentation.now
    }
    if (verdict === 'rotated' || verdict === 'accepted')
      family.idleExpiresAt = earlier(presentation.idleExpiresAt, family.expiresAt)
    return verdict
  }

  return {
    start: async (family) => {
      kept.set(family.id, structuredClone(family))
    },
    find: async (id) => structuredClone(kept.get(id)),
    rotate: async (id, presentation) => use(id, presentation, decideRotation),
    acceptCurrent: async (id, presentation) => use(id, presentation, decideAcceptance),
    revoke: async (id, now) => {
      const family = kept.get(id)
      if (family === undefined || family.revokedAt !== undefined) return false
      family.revokedAt = now
      return true
    },
  }
}

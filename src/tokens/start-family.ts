// The beginning of a family: its record, and its place in a session.
import { type Clock, earlier, secondsAfter } from '../clock.ts'
import { randomToken } from '../secrets.ts'
import type { EndSessions } from '../sessions/end.ts'
import { type Family, newFamilyId, type RefreshTokens } from '../sessions/family.ts'
import { maxFamiliesPerSession, type Session, type Sessions } from '../sessions/session.ts'

export interface StartFamily {
  /** A new record, of generation 0; nothing is stored. */
  plan(
    of: Pick<Family, 'clientId' | 'startedBy' | 'scope' | 'resource' | 'authTime' | 'amr'> & {
      session: Session
    },
  ): Family
  /** Stores it and joins it to its session. 'ended': the session is gone, and so is the family. */
  start(family: Family): Promise<'begun' | 'ended'>
}

export const createStartFamily = (deps: {
  clock: Clock
  sessions: Sessions
  refreshTokens: RefreshTokens
  endSessions: EndSessions
  idleTtlSeconds: number
  absoluteTtlSeconds: number
}): StartFamily => ({
  plan: ({ session, ...facts }) => {
    const now = deps.clock.now()
    // A family never outlives the sign-in it came from.
    const expiresAt = earlier(secondsAfter(now, deps.absoluteTtlSeconds), session.expiresAt)
    return {
      ...facts,
      id: newFamilyId(),
      userId: session.userId,
      sessionId: session.id,
      generation: 0,
      salt: randomToken(16),
      startedAt: now,
      rotatedAt: now,
      idleExpiresAt: earlier(secondsAfter(now, deps.idleTtlSeconds), expiresAt),
      expiresAt,
    }
  },
  start: async (family) => {
    await deps.refreshTokens.start(family)
    const member = { familyId: family.id, clientId: family.clientId }
    const joining = await deps.sessions.join(family.sessionId, member, maxFamiliesPerSession)
    if (joining.outcome === 'ended') {
      await deps.refreshTokens.revoke(family.id, deps.clock.now())
      return 'ended'
    }
    for (const { familyId } of joining.displaced) await deps.endSessions.family(familyId)
    return 'begun'
  },
})

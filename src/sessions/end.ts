// Ending things with all that hangs on them: a family, a session, everything of a user. The one home of that rule;
// each step is safe to repeat, and the step that stops new tokens comes first.

import type { Clock } from '../clock.ts'
import type { FamilyId, SessionId, UserId } from '../ids.ts'
import { type Blacklist, revocationOf } from '../revocation/blacklist.ts'
import type { Users } from '../users/user.ts'
import type { RefreshTokens } from './family.ts'
import type { Session, Sessions } from './session.ts'

export interface EndSessions {
  /** The family refreshes no more and its live access tokens are refused. */
  family(familyId: FamilyId): Promise<void>
  /**
   * The session with its families; the caller ends the family `butFamily` itself, afterwards. The session as it was, or
   * undefined if it was gone already.
   */
  session(id: SessionId, butFamily?: FamilyId): Promise<Session | undefined>
  /** Ends every session of the user but the one to keep. How many there were. */
  ofUser(userId: UserId, keep?: SessionId): Promise<number>
  /** Everything begun until now: sessions, families and tokens. Also what no index remembers. */
  everythingOf(userId: UserId): Promise<number>
}

export const createEndSessions = (deps: {
  clock: Clock
  users: Users
  sessions: Sessions
  refreshTokens: RefreshTokens
  blacklist: Blacklist
}): EndSessions => {
  const { clock, users, sessions, refreshTokens, blacklist } = deps

  const endFamily = async (familyId: FamilyId) => {
    const now = clock.now()
    await refreshTokens.revoke(familyId, now)
    await blacklist.add(revocationOf('sid', familyId, now))
  }

  const endFamilies = async (ended: readonly Session[]) => {
    for (const { familyId } of ended.flatMap((session) => session.families)) await endFamily(familyId)
  }

  return {
    family: endFamily,
    session: async (id, butFamily) => {
      // Families first: if the store fails halfway the session is still there, and the call can be repeated.
      const session = await sessions.find(id)
      if (session === undefined) return undefined
      const families = session.families.filter(({ familyId }) => familyId !== butFamily)
      await endFamilies([{ ...session, families }])
      const ended = await sessions.end(id)
      if (ended === undefined) return undefined
      const known = new Set(session.families.map(({ familyId }) => familyId))
      await endFamilies([
        { ...ended, families: ended.families.filter(({ familyId }) => !known.has(familyId)) },
      ])
      return ended
    },
    ofUser: async (userId, keep) => {
      const others = (await sessions.listOfUser(userId)).filter(({ id }) => id !== keep)
      await endFamilies(others)
      const ended = await sessions.endAll(userId, keep)
      const known = new Set(others.flatMap(({ families }) => families.map(({ familyId }) => familyId)))
      await endFamilies(
        ended.map((session) => ({
          ...session,
          families: session.families.filter(({ familyId }) => !known.has(familyId)),
        })),
      )
      return ended.length
    },
    everythingOf: async (userId) => {
      const now = clock.now()
      await users.change(userId, { tokensValidAfter: now }, now)
      await blacklist.add(revocationOf('sub', userId, now, { cutoff: now }))
      return (await sessions.endAll(userId)).length
    },
  }
}

// Ends families, sessions and all sessions of a user. Each call is safe to repeat.
// Families end before their session (docs/decisions/0004-revoke-first-delete-last.md).

import type { Clock } from '../clock.ts'
import type { FamilyId, SessionId, UserId } from '../ids.ts'
import type { QueuedMail } from '../mail/mail-queue.ts'
import { type Blacklist, revocationOf } from '../revocation/blacklist.ts'
import type { UserChange, Users } from '../users/user.ts'
import type { Family, RefreshTokens } from './family.ts'
import type { Session, SessionFamily, Sessions } from './session.ts'

export interface EndSessions {
  /** Revokes the family's refresh token and its access tokens. The family leaves its session. */
  family(family: Pick<Family, 'id' | 'sessionId'>): Promise<void>
  /** The same for several families, whose session does not list them any more or ends too. */
  families(families: readonly Pick<SessionFamily, 'familyId'>[]): Promise<void>
  /**
   * Ends the session and its families. The result is the ended session, or undefined if there was none.
   * @param exceptFamily a family that does not end yet; the caller ends it afterwards
   */
  session(id: SessionId, exceptFamily?: FamilyId): Promise<Session | undefined>
  /** Ends all sessions of the user except `keep`. The result is the number of sessions that ended. */
  ofUser(userId: UserId, keep?: SessionId): Promise<number>
  /** Revokes the user's access tokens that were issued until now. The next refresh gives new ones. */
  accessTokensOf(userId: UserId): Promise<void>
  /**
   * Ends all sessions, families and tokens that started until now, also those that no index lists. `change`
   * and its `mails` are stored in the same step as the cut-off. The result is the number of sessions that
   * ended.
   */
  everythingOf(
    userId: UserId,
    change?: Omit<UserChange, 'tokensValidAfter'>,
    mails?: readonly QueuedMail[],
  ): Promise<number>
}

/** If a store is down, each call throws `Unavailable`. The caller may repeat the call. */
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

  const endFamilies: EndSessions['families'] = async (families) => {
    for (const { familyId } of families) await endFamily(familyId)
  }

  const ofUser: EndSessions['ofUser'] = async (userId, keep) => {
    const others = (await sessions.listOfUser(userId)).filter(({ id }) => id !== keep)
    const listed = others.flatMap(({ families }) => families)
    await endFamilies(listed)
    const ended = await sessions.endAll(userId, keep)
    // A family may have joined, or a session may have started, after the list was read.
    const known = new Set(listed.map(({ familyId }) => familyId))
    await endFamilies(
      ended.flatMap(({ families }) => families).filter(({ familyId }) => !known.has(familyId)),
    )
    return ended.length
  }

  const accessTokensOf: EndSessions['accessTokensOf'] = (userId) => {
    const now = clock.now()
    return blacklist.add(revocationOf('sub', userId, now, { cutoff: now }))
  }

  return {
    family: async ({ id, sessionId }) => {
      await endFamily(id)
      // Last, because a retry finds the families of a client in the session.
      await sessions.leave(sessionId, id)
    },
    families: endFamilies,
    session: async (id, exceptFamily) => {
      // Families first: if a store fails, the session still lists them and the call can be repeated.
      const session = await sessions.find(id)
      if (session === undefined) return undefined
      await endFamilies(session.families.filter(({ familyId }) => familyId !== exceptFamily))
      const ended = await sessions.end(id)
      if (ended === undefined) return undefined
      // A family may have joined between the two reads.
      const known = new Set(session.families.map(({ familyId }) => familyId))
      await endFamilies(ended.families.filter(({ familyId }) => !known.has(familyId)))
      return ended
    },
    ofUser,
    accessTokensOf,
    everythingOf: async (userId, change = {}, mails = []) => {
      const now = clock.now()
      // This change comes first. It ends even families and tokens whose session is not in the list.
      await users.change(userId, { ...change, tokensValidAfter: now }, now, mails)
      await accessTokensOf(userId)
      // The clock of another instance may be ahead, so that a token has a later `iat` than this entry.
      return ofUser(userId)
    },
  }
}

// Checks whether the session and the user of a token or a code still allow new tokens.
import type { Clock } from '../clock.ts'
import type { SessionId, UserId } from '../ids.ts'
import { checkUser, type ReadUser, type Users, type UserUnusable } from '../users/user.ts'
import { isLive, type Session, type Sessions } from './session.ts'

export type Standing =
  | ({ outcome: 'standing'; session: Session } & ReadUser)
  | { outcome: 'ended'; reason: 'session ended' | UserUnusable }

/** @param grant a family or a code. The last authentication of its session decides whether it is cut off. */
export type CheckStanding = (grant: { sessionId: SessionId; userId: UserId }) => Promise<Standing>

export const createCheckStanding =
  (deps: { clock: Clock; sessions: Sessions; users: Users }): CheckStanding =>
  async ({ sessionId, userId }) => {
    const readAt = deps.clock.now()
    const [session, found] = await Promise.all([deps.sessions.find(sessionId), deps.users.find(userId)])
    if (session === undefined || !isLive(session, readAt))
      return { outcome: 'ended', reason: 'session ended' }
    const check = checkUser(found, session.authTime)
    return check.outcome === 'usable'
      ? { outcome: 'standing', session, user: check.user, readAt }
      : { outcome: 'ended', reason: check.reason }
  }

// Checks whether the session and the user of a token or a code still allow new tokens.
import type { Clock } from '../clock.ts'
import type { SessionId, UserId } from '../ids.ts'
import { checkUser, type User, type Users, type UserUnusable } from '../users/user.ts'
import { isLive, type Session, type Sessions } from './session.ts'

export type Standing =
  | { outcome: 'standing'; session: Session; user: User }
  | { outcome: 'ended'; reason: 'session ended' | UserUnusable }

/** @param grant a family or a code. `startedAt` decides whether "sign out everywhere" ended it. */
export type CheckStanding = (grant: {
  sessionId: SessionId
  userId: UserId
  startedAt: Date
}) => Promise<Standing>

export const createCheckStanding =
  (deps: { clock: Clock; sessions: Sessions; users: Users }): CheckStanding =>
  async ({ sessionId, userId, startedAt }) => {
    const [session, found] = await Promise.all([deps.sessions.find(sessionId), deps.users.find(userId)])
    if (session === undefined || !isLive(session, deps.clock.now()))
      return { outcome: 'ended', reason: 'session ended' }
    const check = checkUser(found, startedAt)
    return check.outcome === 'usable'
      ? { outcome: 'standing', session, user: check.user }
      : { outcome: 'ended', reason: check.reason }
  }

// Sessions of a user, listed and ended. What hangs on a session is the core's rule (revocation/end-session.ts).
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { EndSessions } from '../sessions/end.ts'
import { isLive, type Session } from '../sessions/session.ts'
import type { Stores } from '../stores/stores.ts'
import { invalid, notFound } from './admin-error.ts'
import { findUser } from './find-user.ts'
import { readInput } from './input.ts'
import type { Operation } from './operation.ts'

/** Nothing of it is a credential: the secret half of the browser's cookie is not in the id. */
export const sessionView = (session: Session) => ({
  id: session.id,
  user: session.userId,
  auth_time: session.authTime.toISOString(),
  amr: session.amr,
  started_at: session.startedAt.toISOString(),
  last_seen_at: session.lastSeenAt.toISOString(),
  expires_at: session.expiresAt.toISOString(),
  user_agent: session.userAgent ?? null,
  ip: session.ip ?? null,
  families: session.families.map(({ familyId, clientId }) => ({ sid: familyId, client_id: clientId })),
})

export type SessionView = ReturnType<typeof sessionView>

export interface SessionOperationsDeps {
  clock: Clock
  audit: Audit
  stores: Pick<Stores, 'users' | 'sessions' | 'refreshTokens'>
  endSessions: EndSessions
}

export const createSessionOperations = ({ clock, audit, stores, endSessions }: SessionOperationsDeps) => {
  const { users, sessions, refreshTokens } = stores

  const revokeAll = async (name: string) => {
    const { id } = await findUser(users, name)
    const endedSessions = await endSessions.everythingOf(id)
    audit({ type: 'session.ended', actor: 'admin', userId: id, reason: 'all sessions of the user' })
    return { user: id, ended_sessions: endedSessions }
  }

  return {
    'sessions.list': async (given) => {
      const user = await findUser(users, readInput(given, ['user']).text('user'))
      const now = clock.now()
      return (await sessions.listOfUser(user.id)).filter((session) => isLive(session, now)).map(sessionView)
    },
    /** `id` is a session's, or the `sid` of a token: then only that client's part of it ends. */
    'sessions.revoke': async (given) => {
      const input = readInput(given, ['id', 'user'])
      const id = input.optionalText('id')
      const user = input.optionalText('user')
      if (user !== undefined && id === undefined) return await revokeAll(user)
      if (user !== undefined || id === undefined) throw invalid('Give the id of a session, or a user.')

      const ended = await endSessions.session(id)
      if (ended !== undefined) {
        audit({ type: 'session.ended', actor: 'admin', userId: ended.userId, sessionId: id })
        return { id, user: ended.userId, ended_sessions: 1 }
      }
      const family = await refreshTokens.find(id)
      if (family === undefined) throw notFound(`There is no session ${JSON.stringify(id)}.`)
      await endSessions.family(family.id)
      const { userId, clientId, sessionId } = family
      audit({ type: 'token.revoked', actor: 'admin', userId, clientId, sessionId, familyId: id })
      return { id, user: userId, ended_sessions: 0 }
    },
  } satisfies Record<string, Operation>
}

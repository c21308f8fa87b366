// Lists and ends the sessions of a user. sessions/end.ts decides what ends together with a session.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { EndSessions } from '../sessions/end.ts'
import { type Family, isReplayedRepeatedly } from '../sessions/family.ts'
import { isLive, type Session, type SessionFamily } from '../sessions/session.ts'
import type { Stores } from '../stores/stores.ts'
import { invalid, notFound } from './admin-error.ts'
import { findUser } from './find-user.ts'
import { required, text } from './input.ts'
import { type Operation, operation } from './operation.ts'

/** `replays`: how often a used refresh token was sent again inside the grace. */
const familyView = ({ familyId, clientId }: SessionFamily, family: Family | undefined) => ({
  sid: familyId,
  client_id: clientId,
  replays: family?.replays ?? 0,
  replayed_repeatedly: family !== undefined && isReplayedRepeatedly(family),
})

/** The id is not a credential: the secret part of the browser's cookie is not part of it. */
const sessionView = (session: Session, families: ReturnType<typeof familyView>[]) => ({
  id: session.id,
  user: session.userId,
  auth_time: session.authTime.toISOString(),
  amr: session.amr,
  started_at: session.startedAt.toISOString(),
  last_seen_at: session.lastSeenAt.toISOString(),
  expires_at: session.expiresAt.toISOString(),
  user_agent: session.userAgent ?? null,
  ip: session.ip ?? null,
  families,
})

export type SessionView = ReturnType<typeof sessionView>

/** `id`: the session or the family that ended. Absent if all sessions of the user ended. */
export interface RevokedSessions {
  id?: string
  user: string
  ended_sessions: number
}

const listInput = { user: required(text) }
const revokeInput = { id: text, user: text }

export interface SessionOperations {
  'sessions.list': Operation<typeof listInput, SessionView[]>
  /** `id` is the id of a session, or the `sid` of a token. With a `sid` only that client's family ends. */
  'sessions.revoke': Operation<typeof revokeInput, RevokedSessions>
}

export interface SessionOperationsDeps {
  clock: Clock
  audit: Audit
  stores: Pick<Stores, 'users' | 'sessions' | 'refreshTokens' | 'emailLinks'>
  endSessions: EndSessions
}

export const createSessionOperations = ({
  clock,
  audit,
  stores,
  endSessions,
}: SessionOperationsDeps): SessionOperations => {
  const { users, sessions, refreshTokens, emailLinks } = stores

  const revokeAllOf = async (name: string): Promise<RevokedSessions> => {
    const { id } = await findUser(users, name)
    const endedSessions = await endSessions.everythingOf(id)
    audit({ type: 'session.ended', actor: 'admin', userId: id, reason: 'all sessions of the user' })
    return { user: id, ended_sessions: endedSessions }
  }

  const revoke = async (id: string): Promise<RevokedSessions> => {
    // A thief in the session may have asked for a new address. The link ends first: if the next step fails,
    // the admin repeats the command.
    const session = await sessions.find(id)
    if (session !== undefined) await emailLinks.end(session.userId, 'change_email')
    const ended = await endSessions.session(id)
    if (ended !== undefined) {
      audit({ type: 'session.ended', actor: 'admin', userId: ended.userId, sessionId: id })
      return { id, user: ended.userId, ended_sessions: 1 }
    }
    const family = await refreshTokens.find(id)
    if (family === undefined)
      throw notFound(`There is no session ${JSON.stringify(id)}. It may have ended already.`)
    await endSessions.family(family)
    const { userId, clientId, sessionId } = family
    audit({ type: 'token.revoked', actor: 'admin', userId, clientId, sessionId, familyId: id })
    return { id, user: userId, ended_sessions: 0 }
  }

  const viewOf = async (session: Session): Promise<SessionView> => {
    const families = session.families.map(async (member) =>
      familyView(member, await refreshTokens.find(member.familyId)),
    )
    return sessionView(session, await Promise.all(families))
  }

  return {
    'sessions.list': operation(listInput, async ({ user }) => {
      const { id } = await findUser(users, user)
      const now = clock.now()
      const live = (await sessions.listOfUser(id)).filter((session) => isLive(session, now))
      return await Promise.all(live.map(viewOf))
    }),
    'sessions.revoke': operation(revokeInput, async ({ id, user }) => {
      if (id === undefined && user !== undefined) return await revokeAllOf(user)
      if (id === undefined || user !== undefined) throw invalid('Give either the id of a session or a user.')
      return await revoke(id)
    }),
  }
}

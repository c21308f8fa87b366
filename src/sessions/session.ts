// Sessions: the sign-ins of users, on the login pages or through the first-party API.
// Owns the record, its port and its rules. The tokens of a session belong to its families (family.ts).
import type { ClientId, FamilyId, SessionId, UserId } from '../ids.ts'
import { randomToken } from '../secrets.ts'

export interface SessionFamily {
  familyId: FamilyId
  clientId: ClientId
}

export interface Session {
  /** `<user id>.<random>`, so that Redis can keep all sessions of one user in one slot. */
  id: SessionId
  userId: UserId
  /** The hash of the secret in the session cookie. Absent if the session has no browser. */
  secretHash?: string
  /** The last authentication of the user: the `auth_time` claim. */
  authTime: Date
  /** The methods of that authentication: the `amr` claim (RFC 8176). */
  amr: readonly string[]
  startedAt: Date
  /** The last use of the session cookie. It may be a minute behind. */
  lastSeenAt: Date
  expiresAt: Date
  families: readonly SessionFamily[]
  /** For the user's own list of sessions. */
  userAgent?: string
  ip?: string
}

export type Joining =
  | {
      outcome: 'joined'
      /** The families that left the session because of the limit. The caller ends them. */
      displaced: readonly SessionFamily[]
      /** Of `joinAlone`: the other sessions of the user in which the client of the family has a family. */
      others?: readonly SessionId[]
    }
  | { outcome: 'ended' }

export interface Sessions {
  /**
   * Stores the session. If the user then has more than `limit` sessions of the same kind (with or without a
   * browser), deletes and returns the oldest of this kind.
   * The caller ends the families of the deleted sessions.
   */
  start(session: Session, limit: number): Promise<Session[]>
  find(id: SessionId): Promise<Session | undefined>
  /**
   * Adds a family to the session. If its client then has more than `limit` families in the session, the
   * oldest of this client are displaced. 'ended': the session does not exist, and nothing was written.
   */
  join(id: SessionId, family: SessionFamily, limit: number): Promise<Joining>
  /**
   * The same as `join`, and reads `others` in the same step. So of two concurrent calls for one client only
   * the later one names the session of the other. The caller ends these sessions.
   */
  joinAlone(id: SessionId, family: SessionFamily, limit: number): Promise<Joining>
  /** Removes a family that has ended from the session. Does nothing if the session does not list it. */
  leave(id: SessionId, familyId: FamilyId): Promise<void>
  /** Stores a new cookie secret and a new authentication in one atomic step. */
  renew(
    id: SessionId,
    renewal: { secretHash: string; authTime: Date; amr: readonly string[] },
  ): Promise<'renewed' | 'ended'>
  /** Sets `lastSeenAt`. */
  touch(id: SessionId, now: Date): Promise<void>
  /** Deletes and returns the session. Exactly one of any number of concurrent calls gets it. */
  end(id: SessionId): Promise<Session | undefined>
  /** Deletes and returns all sessions of the user except `keep`. */
  endAll(userId: UserId, keep?: SessionId): Promise<Session[]>
  listOfUser(userId: UserId): Promise<Session[]>
}

export const newSessionId = (userId: UserId): SessionId => `${userId}.${randomToken(16)}`

/** The user id in a session id, or undefined if the text is not a session id. */
export const userOfSession = (id: SessionId): UserId | undefined =>
  /^(usr_[A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{22}$/.exec(id)?.[1]

/** The number of sessions with a browser, and of those without, that one user may have (ASVS 7.1.2). */
export const maxSessionsPerUser = 100

/**
 * The number of families that one client may have in one session. It bounds the size of the record, and one
 * client cannot displace the families of another (docs/decisions/0041-what-is-in-flight.md).
 */
export const maxFamiliesPerClient = 50

/** A change of login methods or a deletion needs an authentication in the last 300 seconds (ASVS 7.5.1). */
export const recentLoginSeconds = 300

/** Whether the last authentication is recent enough for such a change. */
export const isRecentlyAuthenticated = ({ authTime }: Pick<Session, 'authTime'>, now: Date): boolean =>
  now.getTime() <= authTime.getTime() + recentLoginSeconds * 1000

/** Whether clients may still use the session. */
export const isLive = (session: Session, now: Date): boolean => now < session.expiresAt

/** Whether the session cookie still signs the user in without a question. Also checks the idle expiry. */
export const isFresh = (session: Session, now: Date, idleTtlSeconds: number): boolean =>
  isLive(session, now) && now.getTime() < session.lastSeenAt.getTime() + idleTtlSeconds * 1000

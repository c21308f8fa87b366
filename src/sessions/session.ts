// A sign-in of a person, on the hosted pages (then a browser cookie is bound to it) or through the first-party API.
// Owns the record, its port and its rules. The tokens that clients get in it belong to families (tokens/refresh-token.ts).
import type { ClientId, FamilyId, SessionId, UserId } from '../ids.ts'
import { randomToken } from '../secrets.ts'

export interface SessionFamily {
  familyId: FamilyId
  clientId: ClientId
}

export interface Session {
  /** `<user id>.<random>`: the store keeps everything of one user together. */
  id: SessionId
  userId: UserId
  /** Hash of the secret half of the browser's cookie; absent when no browser is bound to it. */
  secretHash?: string
  /** When the person last proved who they are. */
  authTime: Date
  /** RFC 8176 values: `pwd`, … */
  amr: readonly string[]
  startedAt: Date
  /** Last use of the browser's cookie. */
  lastSeenAt: Date
  expiresAt: Date
  families: readonly SessionFamily[]
  /** Shown to the person in their list of sessions. */
  userAgent?: string
  ip?: string
}

export type Joining = { outcome: 'joined'; displaced: readonly SessionFamily[] } | { outcome: 'ended' }

export interface Sessions {
  /** Of the user's sessions at most `limit` remain; those that ended to make room, oldest first. */
  start(session: Session, limit: number): Promise<Session[]>
  find(id: SessionId): Promise<Session | undefined>
  /** A family begins in the session, at most `limit` at once; the oldest are displaced. 'ended': nothing was written. */
  join(id: SessionId, family: SessionFamily, limit: number): Promise<Joining>
  /** The person proved who they are again: new cookie secret, new times, one atomic step. */
  renew(
    id: SessionId,
    renewal: { secretHash: string; authTime: Date; amr: readonly string[] },
  ): Promise<'renewed' | 'ended'>
  touch(id: SessionId, now: Date): Promise<void>
  /** Ends it. The session as it was, or undefined if it was gone already: of concurrent calls one gets it. */
  end(id: SessionId): Promise<Session | undefined>
  /** Ends every session of the user but the one to keep; those that were ended. */
  endAll(userId: UserId, keep?: SessionId): Promise<Session[]>
  listOfUser(userId: UserId): Promise<Session[]>
}

export const newSessionId = (userId: UserId): SessionId => `${userId}.${randomToken(16)}`

/** The user id inside a session id, or undefined if it has not that form. */
export const userOfSession = (id: SessionId): UserId | undefined =>
  /^(usr_[A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{22}$/.exec(id)?.[1]

/** A user may be signed in this many times at once; the oldest session ends when one more starts (ASVS 7.1.2). */
export const maxSessionsPerUser = 100

/** Families of one session; enough for every app of a team, and a bound for the record. */
export const maxFamiliesPerSession = 100

/** What cannot be taken back asks for a proof of who it is that is no older than this (ASVS 7.5.1). */
export const recentLoginSeconds = 300

export const isRecentlyAuthenticated = ({ authTime }: Session, now: Date): boolean =>
  now.getTime() <= authTime.getTime() + recentLoginSeconds * 1000

/** Does the session still exist for the clients in it? */
export const isLive = (session: Session, now: Date): boolean => now < session.expiresAt

/** May the browser's cookie still sign the person in without asking (idle expiry included)? */
export const isFresh = (session: Session, now: Date, idleTtlSeconds: number): boolean =>
  isLive(session, now) && now.getTime() < session.lastSeenAt.getTime() + idleTtlSeconds * 1000

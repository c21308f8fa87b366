// Starts sessions, in a browser or for the first-party API, and finds the session of a cookie.
// Each sign-in creates a new cookie secret, so an older copy of the cookie does not work (ASVS 7.2.4).
import { type Clock, secondsAfter } from '../clock.ts'
import { hashToken, randomToken, sameSecret } from '../secrets.ts'
import { checkUser, type User, type Users } from '../users/user.ts'
import { readSessionCookie, writeSessionCookie } from './cookie.ts'
import type { EndSessions } from './end.ts'
import { isFresh, maxSessionsPerUser, newSessionId, type Session, type Sessions } from './session.ts'

export interface SignedIn {
  session: Session
  user: User
}

export interface SignInFacts {
  user: User
  /** The methods of the authentication (RFC 8176), such as `pwd`. */
  amr: readonly string[]
  ip?: string
  userAgent?: string
}

export interface SignIn {
  /** The session and the user of the session cookie. Undefined if the cookie is no longer valid. */
  fromCookie(cookie: string | undefined): Promise<SignedIn | undefined>
  /**
   * Renews the cookie's session if it belongs to the same user. Otherwise ends it and starts a new session.
   * The result contains the new cookie value.
   */
  inBrowser(facts: SignInFacts, cookie: string | undefined): Promise<{ session: Session; cookie: string }>
  /** Starts a session without a browser. */
  withoutBrowser(facts: SignInFacts): Promise<Session>
}

export const createSignIn = (deps: {
  clock: Clock
  users: Users
  sessions: Sessions
  endSessions: EndSessions
  idleTtlSeconds: number
  absoluteTtlSeconds: number
}): SignIn => {
  const { clock, users, sessions, endSessions } = deps

  const start = async ({ user, amr, ip, userAgent }: SignInFacts, secretHash?: string): Promise<Session> => {
    const now = clock.now()
    const session: Session = {
      id: newSessionId(user.id),
      userId: user.id,
      ...(secretHash !== undefined && { secretHash }),
      authTime: now,
      amr,
      startedAt: now,
      lastSeenAt: now,
      expiresAt: secondsAfter(now, deps.absoluteTtlSeconds),
      families: [],
      ...(ip !== undefined && { ip }),
      ...(userAgent !== undefined && { userAgent }),
    }
    for (const displaced of await sessions.start(session, maxSessionsPerUser))
      await endSessions.families(displaced.families)
    return session
  }

  const fromCookie: SignIn['fromCookie'] = async (cookie) => {
    const parsed = cookie === undefined ? undefined : readSessionCookie(cookie)
    if (parsed === undefined) return undefined
    const session = await sessions.find(parsed.sessionId)
    if (session?.secretHash === undefined || !sameSecret(hashToken(parsed.secret), session.secretHash))
      return undefined
    const now = clock.now()
    if (!isFresh(session, now, deps.idleTtlSeconds)) return undefined
    const check = checkUser(await users.find(session.userId), session.startedAt)
    if (check.outcome === 'unusable') return undefined
    // At most one write per minute. The idle limit is days long.
    if (now.getTime() - session.lastSeenAt.getTime() > 60_000) await sessions.touch(session.id, now)
    return { session, user: check.user }
  }

  return {
    fromCookie,
    inBrowser: async (facts, cookie) => {
      const before = await fromCookie(cookie)
      const secret = randomToken()
      if (before?.user.id === facts.user.id) {
        const authTime = clock.now()
        const renewal = { secretHash: hashToken(secret), authTime, amr: facts.amr }
        if ((await sessions.renew(before.session.id, renewal)) === 'renewed')
          return {
            session: { ...before.session, ...renewal, lastSeenAt: authTime },
            cookie: writeSessionCookie(before.session.id, secret),
          }
      }
      const session = await start(facts, hashToken(secret))
      // Another user was signed in on this browser. Their session ends, because the cookie is replaced.
      if (before !== undefined && before.user.id !== facts.user.id)
        await endSessions.session(before.session.id)
      return { session, cookie: writeSessionCookie(session.id, secret) }
    },
    withoutBrowser: (facts) => start(facts),
  }
}

// Signing a person in, on a browser or through the first-party API, and recognising the browser afterwards.
// Each sign-in gives the browser a new cookie secret, so nothing known before it is worth anything after it (ASVS 7.2.4).
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
  /** RFC 8176: `pwd`, … */
  amr: readonly string[]
  ip?: string
  userAgent?: string
}

export interface SignIn {
  /** Who this browser's cookie speaks for, if it still does. */
  fromCookie(cookie: string | undefined): Promise<SignedIn | undefined>
  /** The session of the cookie goes on if it is the same person's, else it ends. The new cookie value. */
  inBrowser(facts: SignInFacts, cookie: string | undefined): Promise<{ session: Session; cookie: string }>
  /** A session without a browser. */
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
      for (const { familyId } of displaced.families) await endSessions.family(familyId)
    return session
  }

  const recognise: SignIn['fromCookie'] = async (cookie) => {
    const presented = cookie === undefined ? undefined : readSessionCookie(cookie)
    if (presented === undefined) return undefined
    const session = await sessions.find(presented.sessionId)
    if (session?.secretHash === undefined || !sameSecret(hashToken(presented.secret), session.secretHash))
      return undefined
    const now = clock.now()
    if (!isFresh(session, now, deps.idleTtlSeconds)) return undefined
    const check = checkUser(await users.find(session.userId), session.startedAt)
    if (check.outcome === 'unusable') return undefined
    // Once a minute is enough for an idle limit of days.
    if (now.getTime() - session.lastSeenAt.getTime() > 60_000) await sessions.touch(session.id, now)
    return { session, user: check.user }
  }

  return {
    fromCookie: recognise,
    inBrowser: async (facts, cookie) => {
      const before = await recognise(cookie)
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
      // Somebody else was signed in on this browser: theirs ends, so that two people are never mixed in one.
      if (before !== undefined && before.user.id !== facts.user.id)
        await endSessions.session(before.session.id)
      return { session, cookie: writeSessionCookie(session.id, secret) }
    },
    withoutBrowser: (facts) => start(facts),
  }
}

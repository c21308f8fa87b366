// Starts sessions, in a browser or for the first-party API, and finds the session of a cookie.
// Each sign-in creates a new cookie secret, so an older copy of the cookie does not work (ASVS 7.2.4).
import { type Clock, secondsAfter } from '../clock.ts'
import { hashToken, randomToken, sameSecret } from '../secrets.ts'
import { checkUser, hasEndedSince, type ReadUser, type User, type Users } from '../users/user.ts'
import { readSessionCookie, writeSessionCookie } from './cookie.ts'
import type { EndSessions } from './end.ts'
import { isFresh, maxSessionsPerUser, newSessionId, type Session, type Sessions } from './session.ts'

export interface SignedIn {
  session: Session
  user: User
}

/** The user is the one whose password or provider was checked, as the record was read for this check. */
export interface SignInFacts extends ReadUser {
  /** The methods of the authentication (RFC 8176), such as `pwd`. */
  amr: readonly string[]
  ip?: string
  userAgent?: string
}

/** The user of a new session is read after the session was stored. */
export interface NewSignIn extends SignedIn, ReadUser {}

/** Undefined: the access of the user ended during the sign-in, so there is no session. */
export interface SignIn {
  /** The session and the user of the session cookie. Undefined if the cookie is no longer valid. */
  fromCookie(cookie: string | undefined): Promise<SignedIn | undefined>
  /**
   * Renews the session of this browser if it belongs to the same user. Otherwise ends it and starts a new
   * session. The result contains the new cookie value.
   */
  inBrowser(
    facts: SignInFacts,
    before: SignedIn | undefined,
  ): Promise<(NewSignIn & { cookie: string }) | undefined>
  /** Starts a session without a browser. */
  withoutBrowser(facts: SignInFacts): Promise<NewSignIn | undefined>
}

/** The reason in the audit log for a sign-in that got no session. */
export const endedDuringSignIn = 'the access of the user ended during the sign-in'

/** The time when the record was read. A cut-off that the record had is earlier, whatever the clocks say. */
const authTimeOf = ({ user: { tokensValidAfter: cutOff }, readAt }: ReadUser): Date =>
  cutOff === undefined || readAt > cutOff ? readAt : new Date(cutOff.getTime() + 1)

export const createSignIn = (deps: {
  clock: Clock
  users: Users
  sessions: Sessions
  endSessions: EndSessions
  idleTtlSeconds: number
  absoluteTtlSeconds: number
}): SignIn => {
  const { clock, users, sessions, endSessions } = deps

  /**
   * Reads the user again after the session was stored. What ended the access before did not see the session,
   * so the session ends here. What ends the access from now on sees it.
   */
  const confirm = async (session: Session, { user: read }: SignInFacts): Promise<NewSignIn | undefined> => {
    const readAt = clock.now()
    const user = await users.find(read.id)
    if (user !== undefined && !hasEndedSince(read, user)) return { session, user, readAt }
    await endSessions.session(session.id)
    return undefined
  }

  const start = async (facts: SignInFacts, secretHash?: string): Promise<NewSignIn | undefined> => {
    const { user, amr, ip, userAgent } = facts
    const now = clock.now()
    const session: Session = {
      id: newSessionId(user.id),
      userId: user.id,
      ...(secretHash !== undefined && { secretHash }),
      authTime: authTimeOf(facts),
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
    return confirm(session, facts)
  }

  const fromCookie: SignIn['fromCookie'] = async (cookie) => {
    const parsed = cookie === undefined ? undefined : readSessionCookie(cookie)
    if (parsed === undefined) return undefined
    const session = await sessions.find(parsed.sessionId)
    if (session?.secretHash === undefined || !sameSecret(hashToken(parsed.secret), session.secretHash))
      return undefined
    const now = clock.now()
    if (!isFresh(session, now, deps.idleTtlSeconds)) return undefined
    const check = checkUser(await users.find(session.userId), session.authTime)
    if (check.outcome === 'unusable') return undefined
    // At most one write per minute. The idle limit is days long.
    if (now.getTime() - session.lastSeenAt.getTime() > 60_000) await sessions.touch(session.id, now)
    return { session, user: check.user }
  }

  return {
    fromCookie,
    inBrowser: async (facts, before) => {
      const secret = randomToken()
      const withCookie = (signedIn: NewSignIn | undefined) =>
        signedIn && { ...signedIn, cookie: writeSessionCookie(signedIn.session.id, secret) }
      if (before?.user.id === facts.user.id) {
        const renewal = { secretHash: hashToken(secret), authTime: authTimeOf(facts), amr: facts.amr }
        if ((await sessions.renew(before.session.id, renewal)) === 'renewed')
          return withCookie(
            await confirm({ ...before.session, ...renewal, lastSeenAt: renewal.authTime }, facts),
          )
      }
      const signedIn = await start(facts, hashToken(secret))
      // Another user was signed in on this browser. Their session ends, because the cookie is replaced.
      if (signedIn !== undefined && before !== undefined && before.user.id !== facts.user.id)
        await endSessions.session(before.session.id)
      return withCookie(signedIn)
    },
    withoutBrowser: (facts) => start(facts),
  }
}

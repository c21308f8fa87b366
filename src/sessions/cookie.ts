// The names and attributes of our cookies, and what the session's one carries: `<session id>.<secret>`.
import type { SessionId } from '../ids.ts'

export const sessionCookieName = '__Host-dojang_session'
/** Marks a browser that this account has signed in from before: guesses elsewhere do not slow it down. */
export const deviceCookieName = '__Host-dojang_device'
export const refreshCookieName = '__Host-dojang_refresh'

/** Lax, not Strict: the person arrives here by a link from the client's site. */
export const cookieAttributes = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const

export const writeSessionCookie = (sessionId: SessionId, secret: string): string => `${sessionId}.${secret}`

export const readSessionCookie = (value: string): { sessionId: SessionId; secret: string } | undefined => {
  const [, sessionId, secret] =
    /^(usr_[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(value) ?? []
  return sessionId === undefined || secret === undefined ? undefined : { sessionId, secret }
}

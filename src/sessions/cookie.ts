// The names and attributes of Dojang's cookies.
// The value of the session cookie is `<session id>.<secret>`.
import type { SessionId } from '../ids.ts'

export const sessionCookieName = '__Host-dojang_session'
/** Marks a browser from which the user signed in before. Guesses from other devices do not slow it down. */
export const deviceCookieName = '__Host-dojang_device'
export const refreshCookieName = '__Host-dojang_refresh'

/** Not `strict`: the user arrives by a redirect from the client's site, and the cookie must be sent then. */
export const cookieAttributes = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const

export const writeSessionCookie = (sessionId: SessionId, secret: string): string => `${sessionId}.${secret}`

/** Undefined if the value does not have the format of a session cookie. */
export const readSessionCookie = (value: string): { sessionId: SessionId; secret: string } | undefined => {
  const parts = /^(usr_[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(value)
  return parts === null ? undefined : { sessionId: parts[1] ?? '', secret: parts[2] ?? '' }
}

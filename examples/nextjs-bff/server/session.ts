// The session of the user: an encrypted cookie of Auth.js. A large session is split into several cookies.
import { encode, getToken } from 'next-auth/jwt'
import { settings } from './settings'

export interface Session {
  name?: string
  email?: string
  accessToken: string
  refreshToken: string
  idToken?: string
  /** When the access token expires, in seconds. */
  expiresAt: number
}

/** As long as the refresh tokens of Dojang work without a sign-in. */
export const sessionSeconds = 30 * 86_400

/** A browser drops a cookie of more than 4,096 bytes without a word. Auth.js splits at the same length. */
const chunkLength = 3936

const isSecure = () => settings().site.startsWith('https:')
const cookieName = () => `${isSecure() ? '__Secure-' : ''}authjs.session-token`

export const readSession = async ({ headers }: { headers: Headers }): Promise<Session | undefined> => {
  const name = cookieName()
  const token = await getToken({
    req: { headers },
    secret: settings().secret,
    salt: name,
    cookieName: name,
    secureCookie: isSecure(),
  })
  const isSession = typeof token?.accessToken === 'string' && typeof token.refreshToken === 'string'
  return isSession ? (token as unknown as Session) : undefined
}

/** Encrypts a session for `sessionCookies`. Two calls return different texts for the same session. */
export const sealSession = (session: Session): Promise<string> =>
  encode({
    token: { ...session },
    secret: settings().secret,
    salt: cookieName(),
    maxAge: sessionSeconds,
  })

const setCookie = (name: string, value: string, maxAge: number) =>
  `${name}=${value}; Max-Age=${maxAge}; Path=/; HttpOnly; SameSite=Lax${isSecure() ? '; Secure' : ''}`

const sentCookies = (headers: Headers): string[] => {
  const name = cookieName()
  const suffix = /^(\.\d+)?$/
  return (headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim().split('=')[0] ?? '')
    .filter((sent) => sent.startsWith(name) && suffix.test(sent.slice(name.length)))
}

/**
 * The `Set-Cookie` lines that replace the session of the request. `sealed` is undefined for a logout.
 * They delete the parts that are not used any more: an old part would make the new session unreadable.
 */
export const sessionCookies = ({ headers }: { headers: Headers }, sealed?: string): string[] => {
  const parts = sealed?.match(new RegExp(`.{1,${chunkLength}}`, 'g')) ?? []
  const names = parts.map((_, index) => (parts.length === 1 ? cookieName() : `${cookieName()}.${index}`))
  return [
    ...sentCookies(headers)
      .filter((sent) => !names.includes(sent))
      .map((sent) => setCookie(sent, '', 0)),
    ...parts.map((part, index) => setCookie(names[index] ?? '', part, sessionSeconds)),
  ]
}

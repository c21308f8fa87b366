// Refreshes the access token once for all requests that need it at the same time, in all tabs.
// Only `invalid_grant` ends the session. After any other failure the user stays signed in.
import { type Session, sealSession } from './session'
import { settings } from './settings'

/** Replace a token this many seconds before it expires. */
const marginSeconds = 10
/** Keep a finished refresh this long, for late requests that still send the old cookie. */
const keepMs = 15_000

export interface Renewed {
  session: Session
  /**
   * The cookie, encrypted once for all requests. Otherwise two answers at the same time could leave the first
   * part of one cookie and the second part of another one in the browser.
   */
  sealed: string
}
export type Renewal = Renewed | 'ended' | 'unavailable'

interface TokenAnswer {
  access_token: string
  refresh_token?: string
  id_token?: string
  expires_in: number
  error?: string
}

/** Running and recently finished refreshes. The key is the refresh token that was sent. */
const refreshes = new Map<string, Promise<Renewed | 'ended'>>()

const now = () => Math.floor(Date.now() / 1000)

const refresh = async (session: Session): Promise<Renewed | 'ended'> => {
  const { issuer, clientId, clientSecret } = settings()
  const basic = Buffer.from([clientId, clientSecret].map(encodeURIComponent).join(':')).toString('base64')
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: session.refreshToken }),
    signal: AbortSignal.timeout(5000),
    cache: 'no-store',
  })
  const answer = (await response.json()) as TokenAnswer
  if (!response.ok) {
    if (answer.error === 'invalid_grant') return 'ended'
    throw new Error(`The issuer answered ${response.status} to a refresh.`)
  }
  const renewed: Session = {
    ...session,
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? session.refreshToken,
    ...(answer.id_token && { idToken: answer.id_token }),
    expiresAt: now() + answer.expires_in,
  }
  return { session: renewed, sealed: await sealSession(renewed) }
}

/** Gets a new access token. 'unavailable' means that the issuer did not answer. */
export const renew = async (session: Session): Promise<Renewal> => {
  const key = session.refreshToken
  let refreshing = refreshes.get(key)
  if (refreshing === undefined) {
    refreshing = refresh(session)
    refreshes.set(key, refreshing)
    const forget = () => refreshes.delete(key)
    refreshing.then(() => setTimeout(forget, keepMs).unref(), forget)
  }
  try {
    return await refreshing
  } catch (error) {
    console.error('The access token was not refreshed.', error)
    return 'unavailable'
  }
}

/** Returns the session if its access token works for some more seconds, and refreshes it otherwise. */
export const freshSession = async (session: Session): Promise<Renewal | { session: Session }> => {
  if (session.expiresAt - marginSeconds > now()) return { session }
  const renewal = await renew(session)
  return renewal === 'unavailable' && session.expiresAt > now() ? { session } : renewal
}

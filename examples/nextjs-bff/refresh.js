// Refreshes the access token once for all requests that need it at the same time.
// Only `invalid_grant` ends the session. After any other failure the user stays signed in.
import { client, issuer } from './auth.js'

/** Replace a token this many seconds before it expires. */
const marginSeconds = 10
/** Keep a finished refresh this long, for late requests that still send the old cookie. */
const keepMs = 15_000

/** Running and recently finished refreshes. The key is the refresh token that was sent. */
const refreshes = new Map()

const now = () => Math.floor(Date.now() / 1000)

const refresh = async (session) => {
  const basic = Buffer.from([client.id, client.secret].map(encodeURIComponent).join(':')).toString('base64')
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: session.refreshToken }),
    signal: AbortSignal.timeout(5000),
    cache: 'no-store',
  })
  const answer = await response.json()
  if (response.ok)
    return {
      ...session,
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token ?? session.refreshToken,
      ...(answer.id_token && { idToken: answer.id_token }),
      expiresAt: now() + answer.expires_in,
    }
  if (answer.error === 'invalid_grant') return 'ended'
  throw new Error(`the issuer answered ${response.status}`)
}

/**
 * Returns the session, with a new access token if the old one expires soon.
 * Returns 'ended' if the session has ended.
 * Returns 'unavailable' if the old token has expired and the refresh failed.
 */
export const freshSession = async (session) => {
  if (session.expiresAt - marginSeconds > now()) return session
  const key = session.refreshToken
  if (!refreshes.has(key)) {
    const refreshing = refresh(session)
    refreshes.set(key, refreshing)
    const forget = () => refreshes.delete(key)
    refreshing.then(() => setTimeout(forget, keepMs).unref(), forget)
  }
  try {
    return await refreshes.get(key)
  } catch {
    return session.expiresAt > now() ? session : 'unavailable'
  }
}

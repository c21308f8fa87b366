// The next access token, fetched once however many requests want it. Only `invalid_grant` ends the session: whatever else
// goes wrong is the issuer's trouble, and the person stays signed in.
import { client, issuer } from './auth.js'

/** Seconds before its end at which a token is replaced. */
const margin = 10
/** How long a late request that still has the old cookie finds what the first one fetched. */
const keptMs = 15_000

const underWay = new Map()

const now = () => Math.floor(Date.now() / 1000)

const fetchNext = async (session) => {
  const basic = Buffer.from([client.id, client.secret].map(encodeURIComponent).join(':')).toString('base64')
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: session.refresh }),
    signal: AbortSignal.timeout(5000),
    cache: 'no-store',
  })
  const answer = await response.json()
  if (response.ok)
    return {
      ...session,
      access: answer.access_token,
      refresh: answer.refresh_token ?? session.refresh,
      ...(answer.id_token && { idToken: answer.id_token }),
      expiresAt: now() + answer.expires_in,
    }
  if (answer.error === 'invalid_grant') return 'ended'
  throw new Error(`the issuer answered ${response.status}`)
}

/** The session with a token that is good for a while, 'ended', or 'later' if the issuer cannot be asked and the old one is over. */
export const fresh = async (session) => {
  if (session.expiresAt - margin > now()) return session
  const key = session.refresh
  if (!underWay.has(key)) {
    const next = fetchNext(session)
    underWay.set(key, next)
    const forget = () => underWay.delete(key)
    next.then(() => setTimeout(forget, keptMs).unref(), forget)
  }
  try {
    return await underWay.get(key)
  } catch {
    return session.expiresAt > now() ? session : 'later'
  }
}

// The backend for the frontend: it takes the access token from the cookie and calls the API with it.
// No script in the browser ever sees a token.
import { encode, getToken } from 'next-auth/jwt'
import { issuer } from './auth.js'
import { freshSession } from './refresh.js'

const api = process.env.API_ORIGIN ?? 'http://127.0.0.1:8001'
const secure = (process.env.AUTH_URL ?? '').startsWith('https:')
const secret = process.env.AUTH_SECRET
const cookieName = `${secure ? '__Secure-' : ''}authjs.session-token`
const maxAge = 30 * 86_400
const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`

/** The browser can reach these paths of the API and no others. */
const allowedPaths = { GET: ['/me', '/orders', '/admin', '/chat'] }

const readSession = (request) =>
  getToken({ req: request, secret, salt: cookieName, cookieName, secureCookie: secure })

const cookieOf = async (session) =>
  `${cookieName}=${await encode({ token: session, secret, salt: cookieName, maxAge })}; Max-Age=${maxAge}; ${attributes}`

const expiredCookie = `${cookieName}=; Max-Age=0; ${attributes}`

const errorResponse = (status, error, headers = {}) =>
  Response.json({ error }, { status, headers: { 'cache-control': 'no-store', ...headers } })

/** Forwards a request of the page to the API with a fresh access token, and streams the answer back. */
export const forwardToApi = async (request, path) => {
  // A form cannot set this header. A script of another site cannot either, because CORS is not enabled here.
  if (request.headers.get('x-bff') !== '1') return errorResponse(403, 'cross_site_request')
  if (!allowedPaths[request.method]?.includes(path)) return errorResponse(404, 'not_found')
  const session = await readSession(request)
  if (!session?.accessToken) return errorResponse(401, 'signed_out')
  const fresh = await freshSession(session)
  if (fresh === 'ended') return errorResponse(401, 'signed_out', { 'set-cookie': expiredCookie })
  if (fresh === 'unavailable') return errorResponse(503, 'temporarily_unavailable', { 'retry-after': '2' })
  const newCookie = fresh === session ? {} : { 'set-cookie': await cookieOf(fresh) }
  try {
    const answer = await fetch(`${api}${path}`, {
      method: request.method,
      headers: {
        authorization: `Bearer ${fresh.accessToken}`,
        accept: request.headers.get('accept') ?? '*/*',
      },
      // When the browser closes the page, this ends the stream of the API too.
      signal: request.signal,
      cache: 'no-store',
      redirect: 'error',
    })
    return new Response(answer.body, {
      status: answer.status,
      headers: {
        'content-type': answer.headers.get('content-type') ?? 'application/octet-stream',
        // no-transform: a proxy that compresses the stream would delay it.
        'cache-control': 'no-store, no-transform',
        ...newCookie,
      },
    })
  } catch {
    return errorResponse(502, 'api_unreachable', newCookie)
  }
}

/** Ends the session here and redirects to the issuer, which ends its own session and those of other apps. */
export const logOut = async (request) => {
  if (request.headers.get('sec-fetch-site') !== 'same-origin') return errorResponse(403, 'cross_site_request')
  const session = await readSession(request)
  const home = `${process.env.AUTH_URL ?? new URL(request.url).origin}/`
  const endSession = new URL(`${issuer}/end-session`)
  endSession.searchParams.set('post_logout_redirect_uri', home)
  if (session?.idToken) endSession.searchParams.set('id_token_hint', session.idToken)
  return new Response(null, {
    status: 303,
    headers: {
      location: session?.idToken ? endSession.href : home,
      'set-cookie': expiredCookie,
      'cache-control': 'no-store',
    },
  })
}

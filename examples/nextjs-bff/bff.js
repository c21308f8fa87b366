// What stands between the browser and the API: the cookie comes in, a bearer token goes out, and no token ever reaches a script.
import { encode, getToken } from 'next-auth/jwt'
import { issuer } from './auth.js'
import { fresh } from './refresh.js'

const api = process.env.API_ORIGIN ?? 'http://127.0.0.1:8001'
const secure = (process.env.AUTH_URL ?? '').startsWith('https:')
const secret = process.env.AUTH_SECRET
const cookieName = `${secure ? '__Secure-' : ''}authjs.session-token`
const maxAge = 30 * 86_400
const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`

/** The only doors of the API that open from here. */
const allowed = { GET: ['/me', '/orders', '/admin', '/chat'] }

const read = (request) =>
  getToken({ req: request, secret, salt: cookieName, cookieName, secureCookie: secure })

const cookieOf = async (session) =>
  `${cookieName}=${await encode({ token: session, secret, salt: cookieName, maxAge })}; Max-Age=${maxAge}; ${attributes}`

const noCookie = `${cookieName}=; Max-Age=0; ${attributes}`

const refuse = (status, error, headers = {}) =>
  Response.json({ error }, { status, headers: { 'cache-control': 'no-store', ...headers } })

/** Passes a request of our own page on to the API, with a token that is fresh. Streams both ways out. */
export const passOn = async (request, path) => {
  // A header that only a script of ours can set: no form and no other site sends it (without CORS, which we do not give).
  if (request.headers.get('x-bff') !== '1') return refuse(403, 'not_from_here')
  if (!allowed[request.method]?.includes(path)) return refuse(404, 'not_found')
  const session = await read(request)
  if (!session?.access) return refuse(401, 'signed_out')
  const next = await fresh(session)
  if (next === 'ended') return refuse(401, 'signed_out', { 'set-cookie': noCookie })
  if (next === 'later') return refuse(503, 'temporarily_unavailable', { 'retry-after': '2' })
  const changed = next === session ? {} : { 'set-cookie': await cookieOf(next) }
  try {
    const answer = await fetch(`${api}${path}`, {
      method: request.method,
      headers: { authorization: `Bearer ${next.access}`, accept: request.headers.get('accept') ?? '*/*' },
      // Who leaves the page leaves the stream, all the way to the API.
      signal: request.signal,
      cache: 'no-store',
      redirect: 'error',
    })
    return new Response(answer.body, {
      status: answer.status,
      headers: {
        'content-type': answer.headers.get('content-type') ?? 'application/octet-stream',
        // no-transform: nothing on the way may hold a stream back to compress it.
        'cache-control': 'no-store, no-transform',
        ...changed,
      },
    })
  } catch {
    return refuse(502, 'api_unreachable', changed)
  }
}

/** Ends the session here and at the issuer, which ends it everywhere. */
export const logOut = async (request) => {
  if (request.headers.get('sec-fetch-site') !== 'same-origin') return refuse(403, 'not_from_here')
  const session = await read(request)
  const home = `${process.env.AUTH_URL ?? new URL(request.url).origin}/`
  const goodbye = new URL(`${issuer}/end-session`)
  goodbye.searchParams.set('post_logout_redirect_uri', home)
  if (session?.idToken) goodbye.searchParams.set('id_token_hint', session.idToken)
  return new Response(null, {
    status: 303,
    headers: {
      location: session?.idToken ? goodbye.href : home,
      'set-cookie': noCookie,
      'cache-control': 'no-store',
    },
  })
}

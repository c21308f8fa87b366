// The backend for the frontend: it takes the access token from the cookie and calls the API with it.
// No script in the browser ever sees a token.
import { freshSession, type Renewed, renew } from './refresh'
import { refuse } from './refuse'
import { methodsOf } from './routes'
import { isSameOrigin } from './same-origin'
import { readSession, type Session, sessionCookies } from './session'
import { settings } from './settings'

const maxBodyBytes = 10 * 1024 * 1024

/** Everything else stays here, above all the cookie. */
const requestHeaders = [
  'accept',
  'accept-language',
  'content-type',
  'content-encoding',
  'content-length',
  'last-event-id',
]
const responseHeaders = ['content-type', 'content-disposition', 'content-language', 'retry-after']

const pick = (from: Headers, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (from.has(name) ? [[name, from.get(name) ?? '']] : [])))

/** Passes a body on piece by piece and fails after `maxBodyBytes`. Also for bodies without a length. */
const limited = (body: ReadableStream<Uint8Array>, onTooLarge: () => void) => {
  let size = 0
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        size += piece.byteLength
        if (size <= maxBodyBytes) return controller.enqueue(piece)
        onTooLarge()
        controller.error(new Error('The body is too large.'))
      },
    }),
  )
}

/** Sends the request of the page to the API with the access token of this session. */
const callApi = (request: Request, path: string, session: Session, body: ReadableStream | null) =>
  fetch(`${settings().api}${path}`, {
    method: request.method,
    headers: {
      ...pick(request.headers, requestHeaders),
      authorization: `Bearer ${session.accessToken}`,
    },
    // `half` streams the body. The type of `fetch` does not know the member yet.
    ...(body !== null && ({ body, duplex: 'half' } as RequestInit)),
    // When the browser closes the page, this ends the stream of the API too.
    signal: request.signal,
    cache: 'no-store',
    // The access token must not follow a redirect to another host.
    redirect: 'error',
  })

const withCookies = (response: Response, cookies: readonly string[]): Response => {
  for (const line of cookies) response.headers.append('set-cookie', line)
  return response
}

/** Streams the answer of the API to the browser, and removes the headers that are not for the browser. */
const passOn = (answer: Response): Response =>
  new Response(answer.body, {
    status: answer.status,
    headers: {
      ...pick(answer.headers, responseHeaders),
      // no-transform: a proxy that compresses the stream would delay it.
      'cache-control': 'no-store, no-transform',
      // nginx would collect a stream before it passes it on.
      'x-accel-buffering': 'no',
      // A file from the API is never a page of this site.
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    },
  })

/** Forwards a request of the page to the API with a fresh access token, and streams the answer back. */
export const forward = async (request: Request): Promise<Response> => {
  if (!isSameOrigin(request)) return refuse('cross_site')
  const { pathname, search } = new URL(request.url)
  const path = pathname.slice('/api'.length)
  const methods = methodsOf(path)
  if (methods === undefined) return refuse('not_found')
  if (!methods.includes(request.method)) return refuse('method_not_allowed', { allow: methods.join(', ') })
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) return refuse('too_large')

  const signedOut = () => withCookies(refuse('signed_out'), sessionCookies(request))
  const session = await readSession(request)
  if (session === undefined) return signedOut()
  let current: { session: Session } | Renewed | 'ended' | 'unavailable' = await freshSession(session)
  if (current === 'ended') return signedOut()
  if (current === 'unavailable') return refuse('issuer_unreachable', { 'retry-after': '2' })
  const newCookies = (renewed: { session: Session } | Renewed) =>
    'sealed' in renewed ? sessionCookies(request, renewed.sealed) : []

  let isTooLarge = false
  const body = request.body && limited(request.body, () => (isTooLarge = true))
  try {
    let answer = await callApi(request, path + search, current.session, body)
    if (answer.status === 401 && !('sealed' in current)) {
      // A revoked token. The refresh says if only the token or the whole session has ended.
      const renewal = await renew(current.session)
      if (renewal === 'ended') return signedOut()
      if (renewal !== 'unavailable') current = renewal
      // A body was read and is gone, so only a request without a body is sent again.
      if (renewal !== 'unavailable' && body === null) {
        await answer.body?.cancel()
        answer = await callApi(request, path + search, renewal.session, null)
      }
    }
    return withCookies(passOn(answer), newCookies(current))
  } catch (error) {
    if (isTooLarge) return withCookies(refuse('too_large'), newCookies(current))
    if (!request.signal.aborted) console.error('The API did not answer.', error)
    return withCookies(refuse('api_unreachable'), newCookies(current))
  }
}

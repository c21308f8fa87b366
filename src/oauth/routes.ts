// The OAuth and OpenID Connect endpoints: their addresses, content types, CORS, and the one place that writes their
// errors. Owns no rule; each endpoint is a file beside this one.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clients } from '../clients/client.ts'
import { allowAnyOrigin, allowRegisteredOrigins, preflight } from '../http/cors.ts'
import { queryFields } from '../http/form.ts'
import { pageErrorHandler, pageFrame, sendPage } from '../http/page.ts'
import { logFailure, problemOf } from '../http/problem.ts'
import { acceptForms, requireForm } from '../http/server.ts'
import { jwksMaxAgeSeconds } from '../keys/signing-keys.ts'
import { errorPage } from '../pages/error-page.ts'
import { NoReturnAddress } from './authorization-request.ts'
import { sendCacheable } from './cacheable.ts'
import { discoveryDocument } from './discovery.ts'
import { invalidRequest, OAuthError } from './errors.ts'
import { ExpiredRequest } from './expired-request.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

export interface OAuthEndpoints {
  clients: Clients
  issuer: string
  authorize: Handler
  consent: { show: Handler; decide: Handler }
  token: Handler
  revoke: Handler
  introspect: Handler
  userinfo: Handler
  endSession: Handler
  /** Public keys, from memory. */
  jwks(): { body: string; etag: string; kids: readonly string[] }
  /** A service that says its name when it fetches the keys. */
  sawVerifier(name: unknown, kids: readonly string[]): void
  revocations: Handler
}

/** RFC 6749 §5.2. Whatever is not an OAuthError says nothing but its code. */
const oauthErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const known = error instanceof OAuthError
  const { status, code, retryAfterSeconds } = known
    ? { status: error.status, code: error.code, retryAfterSeconds: undefined }
    : problemOf(error)
  logFailure(request, error, status)
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  const bare =
    known &&
    error.headers['www-authenticate']?.startsWith('Bearer') &&
    !error.headers['www-authenticate'].includes('error=')
  reply
    .code(known || status >= 500 || status === 405 || status === 413 ? status : 400)
    .headers(known ? error.headers : {})
  reply.header('cache-control', 'no-store').header('content-type', 'application/json; charset=utf-8')
  // A challenge without credentials carries no error code (RFC 6750 §3.1).
  if (bare) return reply.send({})
  if (known) return reply.send({ error: code, error_description: error.description })
  const oauthCode =
    status === 503 ? 'temporarily_unavailable' : status >= 500 ? 'server_error' : 'invalid_request'
  return reply.send({ error: oauthCode, error_description: problemOf(error).detail })
}

/** Errors of the pages in this room. */
const oauthPageErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const kind =
    error instanceof NoReturnAddress ? error.kind : error instanceof ExpiredRequest ? 'expired' : undefined
  if (kind === undefined) return pageErrorHandler(error, request, reply)
  request.log.info({ reason: kind }, 'request refused')
  const frame = pageFrame(request)
  return sendPage(reply, frame, errorPage({ ...frame, kind, requestId: request.id }), { status: 400 })
}

const noStore = async (_request: FastifyRequest, reply: FastifyReply) => {
  reply.header('cache-control', 'no-store')
}

/** Credentials and codes never travel in a query string (RFC 6749 §2.3.1). */
const noQuery = async (request: FastifyRequest) => {
  const names = [...queryFields(request).keys()]
  const secretNames = [
    'client_secret',
    'code',
    'refresh_token',
    'token',
    'code_verifier',
    'password',
    'client_assertion',
  ]
  if (names.some((name) => secretNames.includes(name)))
    throw invalidRequest('Parameters belong in the body, not in the query string.')
}

export const mountOauthRoutes = async (server: FastifyInstance, endpoints: OAuthEndpoints) => {
  await server.register(async (documents) => {
    documents.addHook('onRequest', allowAnyOrigin)
    // Monitors and caches ask for the headers alone (RFC 9110 §9.3.2); they have seen no keys.
    const andHead = { exposeHeadRoute: true }
    documents.get('/.well-known/jwks.json', andHead, async (request, reply) => {
      const { body, etag, kids } = endpoints.jwks()
      if (request.method === 'GET') endpoints.sawVerifier(request.headers['dojang-verifier'], kids)
      return sendCacheable(request, reply, {
        ...{ body, etag },
        contentType: 'application/json; charset=utf-8',
        maxAgeSeconds: jwksMaxAgeSeconds,
      })
    })
    documents.get('/.well-known/revocations', andHead, endpoints.revocations)
    const metadata = JSON.stringify(discoveryDocument(endpoints.issuer))
    for (const name of ['openid-configuration', 'oauth-authorization-server'])
      documents.get(`/.well-known/${name}`, andHead, async (_request, reply) =>
        reply
          .headers({
            'cache-control': 'public, max-age=300',
            'content-type': 'application/json; charset=utf-8',
          })
          .send(metadata),
      )
  })

  await server.register(async (pages) => {
    pages.removeAllContentTypeParsers()
    acceptForms(pages)
    pages.setErrorHandler(oauthPageErrorHandler)
    pages.addHook('onRequest', noStore)
    pages.get('/authorize', endpoints.authorize)
    pages.post('/authorize', { preValidation: requireForm }, endpoints.authorize)
    pages.get('/consent', endpoints.consent.show)
    pages.post('/consent', { preValidation: requireForm }, endpoints.consent.decide)
    pages.get('/end-session', endpoints.endSession)
    pages.post('/end-session', endpoints.endSession)
  })

  await server.register(async (back) => {
    back.removeAllContentTypeParsers()
    acceptForms(back)
    back.setErrorHandler(oauthErrorHandler)
    back.addHook('onRequest', noStore)
    const form = { onRequest: noQuery, preValidation: requireForm }
    // A service's own secret never is in a browser: no CORS (OAuth 2.1 §3).
    back.post('/introspect', form, endpoints.introspect)
    await back.register(async (shared) => {
      shared.addHook('onRequest', allowRegisteredOrigins(endpoints.clients))
      shared.post('/token', form, endpoints.token)
      shared.post('/revoke', form, endpoints.revoke)
      shared.get('/userinfo', endpoints.userinfo)
      shared.post('/userinfo', endpoints.userinfo)
      for (const path of ['/token', '/revoke']) shared.options(path, preflight('POST'))
      shared.options('/userinfo', preflight('GET, POST'))
    })
  })
}

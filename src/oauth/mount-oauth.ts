// The OAuth and OpenID Connect endpoints: their addresses, content types, CORS, and the one place that writes their
// errors. Owns no rule; each endpoint is a file beside this one.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { allowAnyOrigin, allowRegisteredOrigins, preflight } from '../http/cors.ts'
import { queryFields } from '../http/form.ts'
import { pageErrorHandler, pageFrame, sendPage } from '../http/page.ts'
import { logFailure, problemOf } from '../http/problem.ts'
import { acceptForms, requireForm } from '../http/server.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { VerifierSightings } from '../keys/known-verifiers.ts'
import { jwksMaxAgeSeconds } from '../keys/signing-keys.ts'
import { errorPage } from '../pages/error-page.ts'
import type { Blacklist } from '../revocation/blacklist.ts'
import type { RevocationFeed } from '../revocation/feed.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { CheckStanding } from '../sessions/standing.ts'
import type { LoginAttempts } from '../throttle/login-attempts.ts'
import type { VerifyAccessToken } from '../tokens/access-token.ts'
import type { AuthorizationCodes } from '../tokens/authorization-code.ts'
import type { IssueTokens } from '../tokens/issue.ts'
import type { Refresh } from '../tokens/refresh.ts'
import type { RefreshTokenFormat } from '../tokens/refresh-token-format.ts'
import type { StartFamily } from '../tokens/start-family.ts'
import type { Users } from '../users/user.ts'
import { createConsentEndpoint } from './answer-consent.ts'
import { NoReturnAddress } from './authorization-request.ts'
import { type AuthorizeDeps, createAuthorizeEndpoint } from './authorize.ts'
import { sendCacheable } from './cacheable.ts'
import { createAuthenticateClient } from './client-auth.ts'
import { discoveryDocument } from './discovery.ts'
import { createEndSessionEndpoint } from './end-session.ts'
import { invalidRequest, OAuthError } from './errors.ts'
import { ExpiredRequest } from './expired-request.ts'
import { createAuthorizationCodeGrant } from './grants/authorization-code.ts'
import { createClientCredentialsGrant } from './grants/client-credentials.ts'
import { createRefreshTokenGrant } from './grants/refresh-token.ts'
import { createIntrospectionEndpoint } from './introspect.ts'
import { createRevocationFeedEndpoint } from './revocation-feed.ts'
import { createRevocationEndpoint } from './revoke.ts'
import { createTokenEndpoint } from './token.ts'
import { createUserinfoEndpoint } from './userinfo.ts'

export interface OauthDeps extends AuthorizeDeps {
  authorizationCodes: AuthorizationCodes
  users: Users
  refreshTokens: RefreshTokens
  loginAttempts: LoginAttempts
  blacklist: Blacklist
  endSessions: EndSessions
  checkStanding: CheckStanding
  startFamily: StartFamily
  issueTokens: IssueTokens
  refresh: Refresh
  refreshTokenFormat: RefreshTokenFormat
  verifyAccessToken: VerifyAccessToken
  keyRing: Pick<KeyRing, 'jwks'>
  verifierSightings: VerifierSightings
  revocationFeed: RevocationFeed
  /** How long a consent lasts, as the consent page says. */
  absoluteTtlSeconds: number
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

/** Public documents, readable from every origin. */
const mountDocuments = (
  server: FastifyInstance,
  { keyRing, verifierSightings, revocationFeed, issuer }: OauthDeps,
) =>
  server.register(async (documents) => {
    documents.addHook('onRequest', allowAnyOrigin)
    // Monitors and caches ask for the headers alone (RFC 9110 §9.3.2). A HEAD request does not count as a fetch of the keys.
    const andHead = { exposeHeadRoute: true }
    documents.get('/.well-known/jwks.json', andHead, async (request, reply) => {
      const { body, etag, kids } = keyRing.jwks()
      if (request.method === 'GET') verifierSightings.note(request.headers['dojang-verifier'], kids)
      return sendCacheable(request, reply, {
        body,
        etag,
        contentType: 'application/json; charset=utf-8',
        maxAgeSeconds: jwksMaxAgeSeconds,
      })
    })
    documents.get('/.well-known/revocations', andHead, createRevocationFeedEndpoint({ revocationFeed }))
    const metadata = JSON.stringify(discoveryDocument(issuer))
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

/** Endpoints that a browser visits. */
const mountPages = (server: FastifyInstance, deps: OauthDeps) =>
  server.register(async (pages) => {
    pages.removeAllContentTypeParsers()
    acceptForms(pages)
    pages.setErrorHandler(oauthPageErrorHandler)
    pages.addHook('onRequest', noStore)
    const authorize = createAuthorizeEndpoint(deps)
    pages.get('/authorize', authorize)
    pages.post('/authorize', { preValidation: requireForm }, authorize)
    const consent = createConsentEndpoint(deps)
    pages.get('/consent', consent.show)
    pages.post('/consent', { preValidation: requireForm }, consent.decide)
    const endSession = createEndSessionEndpoint(deps)
    pages.get('/end-session', endSession)
    pages.post('/end-session', endSession)
  })

/** Endpoints that programs call. */
const mountBackChannel = (server: FastifyInstance, deps: OauthDeps) =>
  server.register(async (back) => {
    back.removeAllContentTypeParsers()
    acceptForms(back)
    back.setErrorHandler(oauthErrorHandler)
    back.addHook('onRequest', noStore)
    const form = { onRequest: noQuery, preValidation: requireForm }
    const authenticateClient = createAuthenticateClient(deps)
    const grants = {
      authorization_code: createAuthorizationCodeGrant(deps),
      refresh_token: createRefreshTokenGrant(deps),
      client_credentials: createClientCredentialsGrant(deps),
    }
    // No CORS: a service's secret is never in a browser (OAuth 2.1 §3).
    back.post('/introspect', form, createIntrospectionEndpoint({ ...deps, authenticateClient }))
    await back.register(async (shared) => {
      shared.addHook('onRequest', allowRegisteredOrigins(deps.clients))
      shared.post('/token', form, createTokenEndpoint({ authenticateClient, grants }))
      shared.post('/revoke', form, createRevocationEndpoint({ ...deps, authenticateClient }))
      const userinfo = createUserinfoEndpoint(deps)
      shared.get('/userinfo', userinfo)
      shared.post('/userinfo', userinfo)
      for (const path of ['/token', '/revoke']) shared.options(path, preflight('POST'))
      shared.options('/userinfo', preflight('GET, POST'))
    })
  })

export const mountOauth = async (server: FastifyInstance, deps: OauthDeps) => {
  await mountDocuments(server, deps)
  await mountPages(server, deps)
  await mountBackChannel(server, deps)
}

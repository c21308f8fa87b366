// Mounts the OAuth and OpenID Connect endpoints: paths, content types, CORS and error responses. The rules of
// each endpoint are in its own file.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { VerifyClient } from '../clients/verify-client.ts'
import { sendCacheable } from '../http/cacheable.ts'
import { allowAnyOrigin, allowRegisteredOrigins, preflight } from '../http/cors.ts'
import { queryFields } from '../http/form.ts'
import { pageErrorHandler, pageFrame, sendPage } from '../http/page.ts'
import { logFailure, problemOf } from '../http/problem.ts'
import { addressOf } from '../http/request-context.ts'
import { acceptEmptyBody, acceptForms, requireForm } from '../http/server.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { VerifierSightings } from '../keys/known-verifiers.ts'
import { jwksMaxAgeSeconds } from '../keys/signing-keys.ts'
import { errorPage } from '../pages/error-page.ts'
import type { Blacklist } from '../revocation/blacklist.ts'
import type { RevocationFeed } from '../revocation/feed.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { CheckStanding } from '../sessions/standing.ts'
import { widestNetworkOf } from '../throttle/network.ts'
import type { VerifyAccessToken } from '../tokens/access-token.ts'
import type { AuthorizationCodes } from '../tokens/authorization-code.ts'
import type { IssueTokens } from '../tokens/issue.ts'
import type { Refresh } from '../tokens/refresh.ts'
import type { RefreshTokenFormat } from '../tokens/refresh-token-format.ts'
import type { StartFamily } from '../tokens/start-family.ts'
import type { Users } from '../users/user.ts'
import { createConsentEndpoint } from './answer-consent.ts'
import { adviceFor, loggedAddress, NoReturnAddress } from './authorization-request.ts'
import { type AuthorizeDeps, createAuthorizeEndpoint } from './authorize.ts'
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
  verifyClient: VerifyClient
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
  /** The lifetime that the consent page shows. */
  absoluteTtlSeconds: number
  /** Whether only this machine can reach the issuer. */
  isLocalIssuer: boolean
}

/** Error responses of the endpoints for programs (RFC 6749 §5.2). Other errors keep their message secret. */
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
  return reply.send({ error: oauthCode, error_description: problemOf(error).detail.en })
}

/**
 * Error responses of the endpoints for browsers. On a local issuer the reader of the page is the developer of
 * the app, so the page says what to fix.
 */
const createPageErrorHandler =
  ({ isLocalIssuer }: Pick<OauthDeps, 'isLocalIssuer'>) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const isAddress = error instanceof NoReturnAddress
    if (!isAddress && !(error instanceof ExpiredRequest)) return pageErrorHandler(error, request, reply)
    const kind = isAddress ? error.kind : 'expired'
    request.log.info({ reason: kind, ...(isAddress && loggedAddress(error)) }, 'request refused')
    const frame = pageFrame(request)
    const detail = isAddress && isLocalIssuer ? { detail: adviceFor(error) } : {}
    const answersForm = request.method !== 'GET'
    const page = errorPage({ ...frame, kind, requestId: request.id, answersForm, ...detail })
    return sendPage(reply, frame, page, { status: 400 })
  }

const noStore = async (_request: FastifyRequest, reply: FastifyReply) => {
  reply.header('cache-control', 'no-store')
}

/**
 * A query string ends up in server logs and in the browser history (RFC 6749 §2.3.1).
 * @throws {OAuthError} invalid_request
 */
const refuseSecretsInQuery = async (request: FastifyRequest) => {
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
    throw invalidRequest('Send these parameters in the body, not in the query string.')
}

/** Public documents. Pages of every origin may read them. */
const mountDocuments = (
  server: FastifyInstance,
  { keyRing, verifierSightings, revocationFeed, issuer }: OauthDeps,
) =>
  server.register(async (documents) => {
    documents.addHook('onRequest', allowAnyOrigin)
    // Monitors and caches send HEAD (RFC 9110 §9.3.2). Only a GET means that a verifier received the keys.
    const alsoHead = { exposeHeadRoute: true }
    documents.get('/.well-known/jwks.json', alsoHead, async (request, reply) => {
      const { body, etag, kids } = keyRing.jwks()
      if (request.method === 'GET')
        verifierSightings.record(
          request.headers['dojang-verifier'],
          kids,
          widestNetworkOf(addressOf(request)),
        )
      return sendCacheable(request, reply, {
        body,
        etag,
        contentType: 'application/json; charset=utf-8',
        maxAgeSeconds: jwksMaxAgeSeconds,
      })
    })
    documents.get('/.well-known/revocations', alsoHead, createRevocationFeedEndpoint({ revocationFeed }))
    const metadata = JSON.stringify(discoveryDocument(issuer))
    for (const name of ['openid-configuration', 'oauth-authorization-server'])
      documents.get(`/.well-known/${name}`, alsoHead, async (_request, reply) =>
        reply
          .headers({
            'cache-control': 'public, max-age=300',
            'content-type': 'application/json; charset=utf-8',
          })
          .send(metadata),
      )
  })

/** Endpoints that a user visits with a browser. */
const mountPages = (server: FastifyInstance, deps: OauthDeps) =>
  server.register(async (pages) => {
    pages.removeAllContentTypeParsers()
    acceptForms(pages)
    pages.setErrorHandler(createPageErrorHandler(deps))
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
    acceptEmptyBody(back)
    back.setErrorHandler(oauthErrorHandler)
    back.addHook('onRequest', noStore)
    const form = { onRequest: refuseSecretsInQuery, preValidation: requireForm }
    const authenticateClient = createAuthenticateClient(deps.verifyClient)
    const grants = {
      authorization_code: createAuthorizationCodeGrant(deps),
      refresh_token: createRefreshTokenGrant(deps),
      client_credentials: createClientCredentialsGrant(deps),
    }
    // No CORS: only a client with a secret may introspect, and a browser cannot keep a secret.
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

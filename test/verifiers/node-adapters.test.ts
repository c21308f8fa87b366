// Runs the adapters of @dojang/verifier in services with a real issuer, and checks the answers (RFC 6750 §3).
import { createServer, type Server, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as express from '../../verifiers/node/src/express.js'
import * as fastify from '../../verifiers/node/src/fastify.js'
import * as next from '../../verifiers/node/src/next.js'
import {
  createVerifier,
  type Needs,
  type VerifiedToken,
  type Verifier,
} from '../../verifiers/node/src/verifier.js'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'
import { testTimers } from '../support/timers.ts'

let issuer: TestIssuer
let verifier: Verifier
let stale: Verifier
let fastifyService: FastifyInstance
let connectService: Server
let connectUrl: string
const advance = { by: async (_seconds: number) => {} }

const needs: Record<string, Needs | undefined> = {
  '/any': undefined,
  '/read': { scopes: ['openid'] },
  '/write': { scopes: ['openid', 'notes:write'] },
  '/people': { roles: ['admin', 'user'] },
  '/admins': { roles: ['admin'] },
}

const greetingFor = (token: VerifiedToken | undefined) => ({ hello: token?.subject, roles: token?.roles })

beforeAll(async () => {
  issuer = await testIssuer()
  const timers = testTimers(issuer.clock)
  advance.by = timers.advance
  const options = {
    issuer: issuer.config.issuer,
    audience: issuer.config.defaultAudience,
    now: () => issuer.clock.now(),
    timers,
    onRefused: () => {},
  }
  verifier = createVerifier(options)
  stale = createVerifier({
    ...options,
    fetch: async (url, init) =>
      url.includes('/revocations') ? new Response('', { status: 503 }) : fetch(url, init),
  })
  await Promise.all([verifier.start(), stale.start()])

  fastifyService = Fastify()
  for (const [path, need] of Object.entries(needs))
    fastifyService.get(path, { onRequest: fastify.requireToken(verifier, need) }, async ({ token }) =>
      greetingFor(token),
    )
  fastifyService.get('/stale', { onRequest: fastify.requireToken(stale) }, async () => 'unreachable')
  await fastifyService.listen({ port: 0, host: '127.0.0.1' })

  connectService = createServer((request, response) => {
    const path = request.url ?? '/'
    const guard = express.requireToken(path === '/stale' ? stale : verifier, needs[path])
    const carrier = request as typeof request & { token?: VerifiedToken }
    void guard(carrier, response, (error) =>
      response.writeHead(error ? 500 : 200).end(JSON.stringify(greetingFor(carrier.token))),
    )
  })
  await new Promise<void>((resolve) => connectService.listen(0, '127.0.0.1', resolve))
  connectUrl = `http://127.0.0.1:${(connectService.address() as AddressInfo).port}`
})
afterAll(async () => {
  verifier.stop()
  stale.stop()
  await fastifyService.close()
  await new Promise((resolve) => connectService.close(resolve))
  await issuer.close()
})

/** Calls the Next.js adapter as a route handler does. */
const routeHandler = async (request: Request): Promise<Response> => {
  const path = new URL(request.url).pathname
  const token = await next.authenticateRequest(path === '/stale' ? stale : verifier, request, needs[path])
  return token instanceof Response ? token : Response.json(greetingFor(token))
}

const services: Record<string, (path: string, headers?: Record<string, string>) => Promise<Response>> = {
  Fastify: (path, headers = {}) =>
    fetch(new URL(path, `http://127.0.0.1:${(fastifyService.server.address() as AddressInfo).port}`), {
      headers,
    }),
  'Express and Connect': (path, headers = {}) => fetch(new URL(path, connectUrl), { headers }),
  'Next.js route handlers': (path, headers = {}) =>
    routeHandler(new Request(new URL(path, 'http://app.example'), { headers })),
}

const signedIn = async () => {
  const [client, user] = [await issuer.client(), await issuer.user()]
  const { accessToken } = await issuer.tokens(client, user)
  return { user, accessToken, headers: { authorization: `Bearer ${accessToken}` } }
}

/** A problem document (RFC 9457). */
const problem = (status: number, code: string) => ({
  type: 'about:blank',
  title: STATUS_CODES[status],
  status,
  code,
  detail: expect.stringMatching(/^[A-Z].*\.$/),
})

const answerOf = async (response: Response) => ({
  status: response.status,
  challenge: response.headers.get('www-authenticate'),
  cache: response.headers.get('cache-control'),
  body: await response.json(),
})

describe.each(Object.keys(services))('%s', (name) => {
  const call = (path: string, headers?: Record<string, string>) =>
    services[name]?.(path, headers) ?? Promise.reject(new Error(name))

  test('lets a valid token through and gives its user to the route', async () => {
    const { user, headers } = await signedIn()
    for (const path of ['/any', '/read', '/people']) {
      const response = await call(path, headers)
      expect(response.status, path).toBe(200)
      expect(await response.json()).toEqual({ hello: user.id, roles: ['user'] })
    }
  })

  test('answers a request without a token with 401 and a challenge without an error code', async () => {
    for (const headers of [{}, { authorization: 'Basic d2ViOng=' }])
      expect(await answerOf(await call('/any', headers))).toEqual({
        status: 401,
        challenge: 'Bearer',
        cache: 'no-store',
        body: problem(401, 'token_required'),
      })
  })

  test('ignores a token in the query (B14)', async () => {
    const { accessToken } = await signedIn()
    expect((await call(`/any?access_token=${accessToken}`)).status).not.toBe(200)
  })

  test('answers any invalid token with 401 invalid_token', async () => {
    const { accessToken } = await signedIn()
    for (const token of ['x', `${accessToken}x`, accessToken.slice(0, -4)])
      expect(await answerOf(await call('/any', { authorization: `Bearer ${token}` }))).toEqual({
        status: 401,
        challenge: 'Bearer error="invalid_token"',
        cache: 'no-store',
        body: problem(401, 'invalid_token'),
      })
  })

  test('answers 403 with the required scopes if the token lacks a scope or role', async () => {
    const { headers } = await signedIn()
    const expected = { status: 403, cache: 'no-store', body: problem(403, 'insufficient_scope') }
    expect(await answerOf(await call('/write', headers))).toEqual({
      ...expected,
      challenge: 'Bearer error="insufficient_scope", scope="openid notes:write"',
    })
    expect(await answerOf(await call('/admins', headers))).toEqual({
      ...expected,
      challenge: 'Bearer error="insufficient_scope"',
    })
  })

  test('answers 503 without a challenge while the feed is stale, so clients keep their tokens', async () => {
    const { headers } = await signedIn()
    const response = await call('/stale', headers)
    expect(response.headers.get('retry-after')).toBe('2')
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(await answerOf(response)).toEqual({
      status: 503,
      challenge: null,
      cache: 'no-store',
      body: problem(503, 'temporarily_unavailable'),
    })
  })

  test('rejects a token within 5 seconds after the user signed out everywhere (E7)', async () => {
    const { user, headers } = await signedIn()
    expect((await call('/any', headers)).status).toBe(200)
    await issuer.app.operations['sessions.revoke']({ user: user.id })
    await advance.by(5)
    expect((await call('/any', headers)).status).toBe(401)
  })
})

test('authenticateToken checks a token from outside the request, and answers 401 if there is none', async () => {
  const { user, accessToken } = await signedIn()
  const token = await next.authenticateToken(verifier, accessToken, { roles: ['user'] })
  expect(token).toMatchObject({ subject: user.id })
  for (const missing of [undefined, null, '']) {
    const response = await next.authenticateToken(verifier, missing)
    expect(response).toBeInstanceOf(Response)
    expect((response as Response).headers.get('www-authenticate')).toBe('Bearer')
  }
})

// The adapters of @dojang/verifier in running services, beside a real issuer: what a caller sees (RFC 6750 §3).
import { createServer, type Server } from 'node:http'
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

const greeting = (token: VerifiedToken | undefined) => ({ hello: token?.subject, roles: token?.roles })

beforeAll(async () => {
  issuer = await testIssuer()
  const timers = testTimers(issuer.clock)
  advance.by = timers.advance
  const options = {
    issuer: issuer.config.issuer,
    audience: issuer.config.defaultAudience,
    now: () => issuer.clock.now(),
    timers,
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
      greeting(token),
    )
  fastifyService.get('/stale', { onRequest: fastify.requireToken(stale) }, async () => 'never')
  await fastifyService.listen({ port: 0, host: '127.0.0.1' })

  connectService = createServer((request, response) => {
    const path = request.url ?? '/'
    const guard = express.requireToken(path === '/stale' ? stale : verifier, needs[path])
    const carrier = request as typeof request & { token?: VerifiedToken }
    void guard(carrier, response, (error) =>
      response.writeHead(error ? 500 : 200).end(JSON.stringify(greeting(carrier.token))),
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

/** As a Next.js route handler is called. */
const routeHandler = async (request: Request): Promise<Response> => {
  const path = new URL(request.url).pathname
  const token = await next.authenticateRequest(path === '/stale' ? stale : verifier, request, needs[path])
  return token instanceof Response ? token : Response.json(greeting(token))
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

const seen = async (response: Response) => ({
  status: response.status,
  challenge: response.headers.get('www-authenticate'),
  cache: response.headers.get('cache-control'),
  body: await response.json(),
})

describe.each(Object.keys(services))('%s', (name) => {
  const call = (path: string, headers?: Record<string, string>) =>
    services[name]?.(path, headers) ?? Promise.reject(new Error(name))

  test('a good token opens what it may, and the route knows whose it is', async () => {
    const { user, headers } = await signedIn()
    for (const path of ['/any', '/read', '/people']) {
      const response = await call(path, headers)
      expect(response.status, path).toBe(200)
      expect(await response.json()).toEqual({ hello: user.id, roles: ['user'] })
    }
  })

  test('no token: 401 and a challenge without a code', async () => {
    for (const headers of [{}, { authorization: 'Basic d2ViOng=' }])
      expect(await seen(await call('/any', headers))).toEqual({
        ...{ status: 401, challenge: 'Bearer', cache: 'no-store', body: {} },
      })
  })

  test('a token in the query is no token (B14)', async () => {
    const { accessToken } = await signedIn()
    expect((await call(`/any?access_token=${accessToken}`)).status).not.toBe(200)
  })

  test('a bad token: 401 invalid_token, whatever is wrong with it', async () => {
    const { accessToken } = await signedIn()
    for (const token of ['x', `${accessToken}x`, accessToken.slice(0, -4)])
      expect(await seen(await call('/any', { authorization: `Bearer ${token}` }))).toEqual({
        status: 401,
        challenge: 'Bearer error="invalid_token"',
        cache: 'no-store',
        body: { error: 'invalid_token' },
      })
  })

  test('a token that is not enough: 403 insufficient_scope, with the scopes that are needed', async () => {
    const { headers } = await signedIn()
    const refused = { status: 403, cache: 'no-store', body: { error: 'insufficient_scope' } }
    expect(await seen(await call('/write', headers))).toEqual({
      ...refused,
      challenge: 'Bearer error="insufficient_scope", scope="openid notes:write"',
    })
    expect(await seen(await call('/admins', headers))).toEqual({
      ...refused,
      challenge: 'Bearer error="insufficient_scope"',
    })
  })

  test('our own trouble: 503 and Retry-After, so that nobody throws a good token away', async () => {
    const { headers } = await signedIn()
    const response = await call('/stale', headers)
    expect(response.headers.get('retry-after')).toBe('2')
    expect(await seen(response)).toEqual({
      ...{ status: 503, challenge: null, cache: 'no-store', body: { error: 'temporarily_unavailable' } },
    })
  })

  test('signed out everywhere: refused within 5 seconds (E7)', async () => {
    const { user, headers } = await signedIn()
    expect((await call('/any', headers)).status).toBe(200)
    await issuer.app.operations['sessions.revoke']({ user: user.id })
    await advance.by(5)
    expect((await call('/any', headers)).status).toBe(401)
  })
})

test('authenticateToken takes a token from elsewhere, and no token for none', async () => {
  const { user, accessToken } = await signedIn()
  const token = await next.authenticateToken(verifier, accessToken, { roles: ['user'] })
  expect(token).toMatchObject({ subject: user.id })
  for (const none of [undefined, null, '']) {
    const response = await next.authenticateToken(verifier, none)
    expect(response).toBeInstanceOf(Response)
    expect((response as Response).headers.get('www-authenticate')).toBe('Bearer')
  }
})

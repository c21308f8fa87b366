// Sends random requests to every mounted route. No request may get 500, break the error format of its
// endpoint, or change a store. fast-check prints the seed of a failure.
import { createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { floodLimit } from '../../src/audit-flood.ts'
import { sessionCookieName } from '../../src/sessions/cookie.ts'
import type { Stores } from '../../src/stores/stores.ts'
import { forgedAccessTokens } from '../support/forged-tokens.ts'
import { claimsOf, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { httpBytes, type RawAnswer, rawRequest } from '../support/raw-request.ts'
import {
  aRequest,
  asForm,
  asJson,
  bytesOf,
  formType,
  type Material,
  nth,
  optional,
  type RawRequest,
  stolenFields,
} from './random-requests.ts'

const runs = 800

const unusedOrigin = 'http://127.0.0.1:9'

/** The store calls that changed something. Audit records and budgets do not count. */
const writes: string[] = []

const harmless = /^(auditLog\.append|throttle\..*|\w+\.(find|list)\w*)$/

const refusals: readonly unknown[] = ['email_taken', 'username_taken', 'unknown', 'duplicate']

const watched = ({ changes, ...ports }: Stores): Stores => ({
  ...(Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [
      name,
      Object.fromEntries(
        Object.entries(port).map(([method, call]) => [
          method,
          async (...args: unknown[]) => {
            const outcome = await call(...args)
            const fullName = `${name}.${method}`
            if (!harmless.test(fullName) && !refusals.includes(outcome)) writes.push(fullName)
            return outcome
          },
        ]),
      ),
    ]),
  ) as unknown as Stores),
  changes,
})

let issuer: TestIssuer
let material: Material

const genuineAndForged = async (): Promise<Material> => {
  const user = await issuer.user()
  // A third-party client, because a first-party token may change the account through the JSON API.
  const client = await issuer.client({ firstParty: false })
  const publicClient = await issuer.client({ firstParty: false, secretHash: undefined } as never)
  await issuer.stores.consents.grant({
    userId: user.id,
    clientId: client.id,
    scopes: client.scopes,
    grantedAt: issuer.clock.now(),
  })
  const tokens = await issuer.tokens(client, user)
  const { code, verifier, agent } = await issuer.code(client, user)
  const signedOut = issuer.browser()
  const { idToken } = await issuer.tokens(client, user, {}, signedOut)
  await signedOut.get(`/end-session?id_token_hint=${idToken}`)

  const [key] = (await issuer.send('/.well-known/jwks.json')).json.keys as { kty: string }[]
  const publicPem = createPublicKey({ key: key as never, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString()
  const forged = Object.values(
    forgedAccessTokens({
      accessToken: tokens.accessToken,
      claims: claimsOf(tokens.accessToken),
      publicPem,
    }),
  )
  const [family = '', generation = '', ...tag] = tokens.refreshToken.split('.')
  const refreshTokens = [
    tokens.refreshToken,
    [family, Number(generation) + 1, ...tag].join('.'),
    [family, generation, 'A'.repeat(43)].join('.'),
    'drt_',
    `drt_${'A'.repeat(22)}.0.${'A'.repeat(43)}`,
  ]
  const session = agent.cookies.get(sessionCookieName) ?? ''
  return {
    cookies: [
      `${sessionCookieName}=${session}`,
      `${sessionCookieName}=${session.replace(/.$/, 'x')}; __Host-dojang_device=a.b; __Host-dojang_refresh=drt_x`,
      `${sessionCookieName}=%E0%A4%A; ;;=; a`,
      '=; __proto__=x; constructor=y',
    ],
    bearers: [...forged, ...refreshTokens, idToken, code, tokens.accessToken],
    // `stolenFields` finds the first ten texts by their position.
    texts: [
      client.id,
      publicClient.id,
      ...refreshTokens.slice(0, 2),
      code,
      verifier,
      tokens.accessToken,
      idToken,
      user.id,
      user.email,
      ...refreshTokens,
      ...forged,
      ...client.redirectUris,
      ...client.scopes,
    ],
  }
}

beforeAll(async () => {
  issuer = await testIssuer({
    stores: watched(memoryStores()),
    // Everything is configured, so that every route is mounted. The providers do not answer.
    env: {
      TRUSTED_PROXIES: '127.0.0.1',
      KAKAO_CLIENT_ID: 'a',
      KAKAO_CLIENT_SECRET: 'b',
      KAKAO_ADMIN_KEY: 'c',
      KAKAO_APP_ID: '1',
      GOOGLE_CLIENT_ID: 'd',
      GOOGLE_CLIENT_SECRET: 'e',
      NAVER_CLIENT_ID: 'f',
      NAVER_CLIENT_SECRET: 'g',
      KAKAO_ORIGIN: unusedOrigin,
      GOOGLE_ORIGIN: unusedOrigin,
      NAVER_ORIGIN: unusedOrigin,
    },
  })
  material = await genuineAndForged()
})
afterAll(() => issuer.close())

const oauthPaths = /^\/(token|revoke|introspect|userinfo)$/
const pagePaths = /^\/(authorize|consent|end-session|login|register|account|callback)/
const webhookPaths = /^\/webhooks\//

/** Expects the error format of the endpoint. */
const expectErrorFormat = (path: string, { status, headers, body: text }: RawAnswer) => {
  const type = headers.get('content-type') ?? ''
  const json = type.includes('json') && text !== '' ? JSON.parse(text) : undefined
  if (status === 429 || status === 503) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
  if (status === 405) expect(headers.get('allow')).toBeTruthy()
  if (webhookPaths.test(path)) return
  expect(headers.get('cache-control')).toBe('no-store')
  const expectProblem = () => {
    expect(type).toBe('application/problem+json; charset=utf-8')
    expect(json).toMatchObject({ status, code: expect.any(String), detail: expect.any(String) })
  }
  // The server rejects headers that are too large before it looks for a route.
  if (status === 431) return expectProblem()
  if (oauthPaths.test(path)) {
    expect(type).toBe('application/json; charset=utf-8')
    const challenge = headers.get('www-authenticate') ?? ''
    if (challenge.startsWith('Bearer') && !challenge.includes('error=')) return void expect(json).toEqual({})
    expect(json.error).toMatch(/^[a-z_]+$/)
    // RFC 6749 §5.2 allows printable ASCII without quote and backslash.
    return void expect(json.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  }
  if (pagePaths.test(path) && !type.includes('problem')) {
    expect(type).toBe('text/html; charset=utf-8')
    return void expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  }
  if (!type.startsWith('text/html')) expectProblem()
}

/** Sends the request. Expects no 500, no injected content and no write to the stores. */
const expectHarmless = async ({ method, path, bytes }: RawRequest): Promise<RawAnswer> => {
  writes.length = 0
  const answer = await rawRequest(issuer.url, bytes)
  const summary = `${method} ${path} -> ${answer.status} ${answer.body.slice(0, 200)}`
  expect(answer.status, summary).toBeGreaterThanOrEqual(200)
  expect(answer.status, summary).not.toBe(500)
  expect(answer.body, summary).not.toContain('<script>alert(1)')
  expect(answer.headers.get('set-cookie') ?? '', summary).not.toContain('injected')
  expect(answer.headers.get('location') ?? '', summary).not.toMatch(
    /^(\/\/|https?:\/\/[^/]*evil|javascript:)/,
  )
  if (answer.status >= 400 && method !== 'HEAD' && method !== 'FOO') expectErrorFormat(path, answer)
  expect(writes, summary).toEqual([])
  return answer
}

test('no random request gets 500, breaks the error format of its endpoint or changes a store (H4, H5, H6, H7, H13)', async () => {
  const seen = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(aRequest, async (random) => {
      const { status } = await expectHarmless(bytesOf(random, issuer.app.routes(), material))
      seen.set(status, 1 + (seen.get(status) ?? 0))
    }),
    { numRuns: runs },
  )
  // These statuses prove that the requests reach the handlers.
  expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 405, 415]))
  // The clock stands still, so all events of a type share one limit.
  await issuer.app.auditTrail.flush()
  const rows = await issuer.stores.auditLog.list({ limit: 100_000 })
  const refusals = rows.filter(({ type }) => /failed|throttled|refused/.test(type))
  const byType = Map.groupBy(refusals, ({ type }) => type)
  for (const [type, { length }] of byType) expect(length, type).toBeLessThanOrEqual(floodLimit.rows + 2)
})

test('stolen and forged codes and tokens get no access token and change no store (A11, B4, B12)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ route: fc.nat(9999), fields: stolenFields, bearer: optional(fc.nat(999)) }),
      async ({ route, fields, bearer }) => {
        const takesTokens = /^\/(token|revoke|introspect|userinfo|api\/.*[^/])$/
        const posts = issuer.app.routes().filter(([method, at]) => method === 'POST' && takesTokens.test(at))
        const path = (posts[route % posts.length]?.[1] ?? '/').replaceAll(/:\w+/g, 'kakao')
        const headers = [
          ['x-forwarded-for', `10.${route % 250}.0.1`] as const,
          ...(bearer === undefined
            ? []
            : [['authorization', `Bearer ${nth(material.bearers, bearer)}`] as const]),
        ]
        const isJson = path.startsWith('/api/')
        const type = ['content-type', isJson ? 'application/json' : formType] as const
        const bytes = httpBytes(
          'POST',
          path,
          [...headers, type],
          (isJson ? asJson : asForm)(fields, material),
        )
        const { body } = await expectHarmless({ method: 'POST', path, bytes })
        expect(body).not.toMatch(/"access(_token)?"/)
      },
    ),
    { numRuns: runs },
  )
})

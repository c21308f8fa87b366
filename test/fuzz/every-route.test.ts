// Random requests at every route that is mounted: odd methods, repeated and unknown fields, wrong content types, broken
// UTF-8, oversize bodies, forged credentials, foreign origins and redirect URIs. None is answered 500, each refusal keeps
// to the contract of its room, none changes anything. fast-check prints the seed of a failure.
import { createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sessionCookieName } from '../../src/sessions/cookie.ts'
import type { Stores } from '../../src/stores/stores.ts'
import { forgedAccessTokens } from '../support/forged-tokens.ts'
import { claimsOf, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { httpBytes, type RawAnswer, rawRequest } from '../support/raw-request.ts'

const runs = 800

const nobody = 'http://127.0.0.1:9'

/** What the stores were made to write, the counters and records of mere trying left out. */
const written: string[] = []

const harmless = /^(auditLog\.append|loginAttempts\..*|parkedRequests\.park|\w+\.(find|list)\w*)$/
const refusals: readonly unknown[] = ['email_taken', 'username_taken', 'unknown', 'duplicate']

const watched = (stores: Stores): Stores =>
  Object.fromEntries(
    Object.entries(stores).map(([room, port]) => [
      room,
      Object.fromEntries(
        Object.entries(port as object).map(([method, call]) => [
          method,
          async (...args: unknown[]) => {
            const outcome = await call(...args)
            const name = `${room}.${method}`
            if (!harmless.test(name) && !refusals.includes(outcome)) written.push(name)
            return outcome
          },
        ]),
      ),
    ]),
  ) as unknown as Stores

const markup = '"><script>alert(1)</script>'

let issuer: TestIssuer
/** Texts to put anywhere: genuine ones that prove nothing where they are put, and forged ones. */
let texts: string[]
let bearers: string[]
let cookies: string[]

const genuineAndForged = async () => {
  const user = await issuer.user()
  // A third-party client: with its tokens nothing at the team's own API can be done.
  const client = await issuer.client({ firstParty: false })
  const open = await issuer.client({ firstParty: false, secretHash: undefined } as never)
  await issuer.stores.consents.grant({
    ...{ userId: user.id, clientId: client.id, scopes: client.scopes, grantedAt: issuer.clock.now() },
  })
  const tokens = await issuer.tokens(client, user)
  const { code, verifier, agent } = await issuer.code(client, user)
  const left = issuer.browser()
  const { idToken } = await issuer.tokens(client, user, {}, left)
  await left.get(`/end-session?id_token_hint=${idToken}`)

  const [key] = (await issuer.send('/.well-known/jwks.json')).json.keys as { kty: string }[]
  const publicPem = createPublicKey({ key: key as never, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString()
  const forged = forgedAccessTokens({
    accessToken: tokens.accessToken,
    claims: claimsOf(tokens.accessToken),
    publicPem,
  })
  const [family = '', generation = '', ...tag] = tokens.refreshToken.split('.')
  const refreshTokens = [
    tokens.refreshToken,
    [family, Number(generation) + 1, ...tag].join('.'),
    [family, generation, 'A'.repeat(43)].join('.'),
    'drt_',
    `drt_${'A'.repeat(22)}.0.${'A'.repeat(43)}`,
  ]
  const session = agent.cookies.get(sessionCookieName) ?? ''
  cookies = [
    `${sessionCookieName}=${session}`,
    `${sessionCookieName}=${session.replace(/.$/, 'x')}; __Host-dojang_device=a.b; __Host-dojang_refresh=drt_x`,
    `${sessionCookieName}=%E0%A4%A; ;;=; a`,
    '=; __proto__=x; constructor=y',
  ]
  bearers = [...Object.values(forged), ...refreshTokens, idToken, code, tokens.accessToken]
  texts = [
    ...[client.id, open.id, ...refreshTokens.slice(0, 2), code, verifier, tokens.accessToken, idToken],
    ...[user.id, user.email, ...refreshTokens, ...Object.values(forged), ...client.redirectUris],
    ...client.scopes,
  ]
}

beforeAll(async () => {
  issuer = await testIssuer({
    stores: watched(memoryStores()),
    // Everything that can be configured, so that every route is there; the providers are down.
    env: {
      TRUSTED_PROXIES: '127.0.0.1',
      ...{ KAKAO_CLIENT_ID: 'a', KAKAO_CLIENT_SECRET: 'b', KAKAO_ADMIN_KEY: 'c', KAKAO_APP_ID: '1' },
      ...{ GOOGLE_CLIENT_ID: 'd', GOOGLE_CLIENT_SECRET: 'e', NAVER_CLIENT_ID: 'f', NAVER_CLIENT_SECRET: 'g' },
      ...{ KAKAO_ORIGIN: nobody, GOOGLE_ORIGIN: nobody, NAVER_ORIGIN: nobody },
    },
  })
  await genuineAndForged()
})
afterAll(() => issuer.close())

const words = (text: string): string[] => text.trim().split(/\s+/)

const fieldNames = [
  ...words(`grant_type client_id client_secret code code_verifier redirect_uri refresh_token token token_type_hint
    scope resource audience response_type response_mode state nonce prompt max_age login_hint id_token_hint ui_locales
    request request_uri code_challenge_method resume post_logout_redirect_uri confirm decision login username email
    password current name session client end_others delivery refresh next access_token assertion client_assertion error
    iss __proto__ constructor`),
  '',
]

const oddTexts = [
  ...words(`0 -1 1e999 true null [] {} 😀 가나다 ı ﬀ authorization_code refresh_token client_credentials password
    constructor __proto__ code token none login query form_post fragment S256 yes allow cookie % %zz %00 usr_x
    https://evil.example/ //evil.example /\\evil.example javascript:alert(1) https://app.example/callback/
    https://app.example@evil.example/ http://127.0.0.1:1/callback ../../etc/passwd`),
  ...['', ' ', '\u0000', '\ufffd', 'code id_token', 'none login', 'a'.repeat(5000), 'A'.repeat(43)],
  ...[markup, 'x\r\nset-cookie: injected=1', "'; drop table users; --"],
]

/** The nth of what is only known once the issuer runs. */
type Text = string | { text: number }

const nth = (list: readonly string[], n: number): string => list[n % list.length] ?? ''

const read = (value: Text): string => (typeof value === 'string' ? value : nth(texts, value.text))

/** Percent-encoded where it can be: lone surrogates have no UTF-8. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

const aText: fc.Arbitrary<Text> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 4, arbitrary: fc.record({ text: fc.nat(999) }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
)

type Fields = readonly (readonly [string, Text])[]

const someFields: fc.Arbitrary<Fields> = fc.array(fc.tuple(fc.constantFrom(...fieldNames), aText), {
  maxLength: 9,
})

const genuineText = fc.record({ text: fc.nat(999) })

/** What a thief would send: a client of ours without its secret, and whatever genuine or forged thing he holds. */
const stolenFields: fc.Arbitrary<Fields> = fc
  .record({
    client_id: fc.constantFrom('of the owner', 'of the thief'),
    grant_type: fc.constantFrom('authorization_code', 'refresh_token', 'client_credentials'),
    // The first ones are genuine.
    stolen: fc.oneof(fc.nat(9), fc.nat(999)),
    code_verifier: genuineText,
  })
  .map(({ client_id, grant_type, stolen, code_verifier }) => [
    ['client_id', { text: client_id === 'of the owner' ? 0 : 1 }],
    ...['code', 'refresh_token', 'token', 'refresh'].map((name) => [name, { text: stolen }] as const),
    ...Object.entries({ grant_type, code_verifier }),
  ])

const asForm = (fields: Fields): string =>
  fields.map(([name, value]) => `${encoded(name)}=${encoded(read(value))}`).join('&')

const asJson = (fields: Fields): string =>
  `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(read(value))}`).join(',')}}`

const brokenUtf8 = Buffer.from([0x61, 0x3d, 0xff, 0xfe, 0xc3, 0x28])

const oddBodies: readonly (string | Buffer)[] = [
  ...['', '&&&', '=', 'a=%ff', 'a=%', '{', '[]', 'null', '"x"', 'a=1&'.repeat(100)],
  ...['[['.repeat(30_000), 'x'.repeat(70_000), '{"email":["a@b.c"],"password":{"x":1}}'],
  ...['{"__proto__":{"admin":true}}', brokenUtf8],
  Buffer.concat([Buffer.from('{"refresh":"'), brokenUtf8, Buffer.from('"}')]),
]

type Body = { form: Fields } | { json: Fields } | { bytes: string | Buffer }

const contentOf = (body: Body): string | Buffer => {
  if ('form' in body) return asForm(body.form)
  return 'json' in body ? asJson(body.json) : body.bytes
}

const form = 'application/x-www-form-urlencoded'

/** A content type and a body, which mostly belong together. */
const content = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant(form), body: fc.record({ form: someFields }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('application/json'), body: fc.record({ json: someFields }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom(
        ...[form, 'application/json', 'application/json; charset=utf-16', `${form}; charset=euc-kr`],
        ...['multipart/form-data; boundary=x', 'text/plain', 'application/xml', 'application/secevent+jwt'],
        ...[';;;', '', 'APPLICATION/JSON', 'application/*'],
      ),
      body: fc.oneof(
        fc.record({ form: someFields }),
        fc.record({ bytes: fc.constantFrom(...oddBodies) }),
        fc.record({ bytes: fc.json() }),
      ),
    }),
  },
)

const authorization = fc.oneof(
  fc.record({ bearer: fc.nat(999) }),
  fc.record({ basic: fc.nat(1), secret: aText }),
  fc.constantFrom('Basic', 'Basic ====', 'Basic Og==', 'Bearer', 'Bearer a b', 'DPoP x', 'KakaoAK x', ','),
)

const authorizationOf = (value: string | { bearer: number } | { basic: number; secret: Text }): string => {
  if (typeof value === 'string') return value
  if ('bearer' in value) return `Bearer ${nth(bearers, value.bearer)}`
  const pair = `${encoded(texts[value.basic] ?? '')}:${encoded(read(value.secret))}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined })

const otherHeaders = fc.record({
  // Never the issuer's own with same-origin: a genuine cookie would then be used as it is meant to be.
  origin: optional(fc.constantFrom('https://evil.example', 'null', 'https://app.example', '', 'x', markup)),
  'sec-fetch-site': optional(fc.constantFrom('cross-site', 'same-site', 'none', 'x')),
  'x-forwarded-for': fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('', 'unknown', 'x'.repeat(300), '1.2.3.4, 5.6.7.8', "' or 1=1", '1.2.3.4:5678'),
  ),
  'accept-language': optional(fc.constantFrom('ko', 'en;q=x', '*', ',,;;', 'x'.repeat(300))),
  'if-none-match': optional(fc.constantFrom('*', '""', 'W/"x"')),
  'content-encoding': optional(fc.constantFrom('gzip', 'identity')),
})

const aRequest = fc.record({
  route: fc.nat(9999),
  method: fc.oneof(
    { weight: 6, arbitrary: fc.constant('its own') },
    { weight: 1, arbitrary: fc.constantFrom(...words('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE FOO')) },
  ),
  parameter: aText,
  suffix: fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('/', '/x', '%00', '%ff', ';a', '//') },
  ),
  query: someFields,
  content,
  authorization: optional(authorization),
  cookie: optional(fc.nat(999)),
  otherHeaders,
})
type FuzzedRequest = typeof aRequest extends fc.Arbitrary<infer Value> ? Value : never

const bytesOf = (request: FuzzedRequest) => {
  const mounted = issuer.app.routes().filter(([method]) => method !== 'OPTIONS')
  const [ownMethod, pattern] = mounted[request.route % mounted.length] ?? ['GET', '/']
  const parameter = encoded(read(request.parameter)).slice(0, 150) || 'x'
  const path = `${pattern.replaceAll(/:\w+/g, () => parameter)}${request.suffix}`
  const method = request.method === 'its own' ? ownMethod : request.method
  const query = request.query.length > 0 ? `?${asForm(request.query)}` : ''
  const headers: Record<string, string | undefined> = {
    ...request.otherHeaders,
    ...(request.authorization !== undefined && { authorization: authorizationOf(request.authorization) }),
    ...(request.cookie !== undefined && { cookie: nth(cookies, request.cookie) }),
  }
  const bodyless = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)
  const { type, body } = request.content
  if (!bodyless) headers['content-type'] = type
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return { method, path, bytes: httpBytes(method, `${path}${query}`, lines, bodyless ? '' : contentOf(body)) }
}

const oauthRooms = /^\/(token|revoke|introspect|userinfo)$/
const pageRooms = /^\/(authorize|consent|end-session|login|register|account|callback)/
const providerRooms = /^\/webhooks\//

const expectContract = (path: string, { status, headers, body: text }: RawAnswer) => {
  const type = headers.get('content-type') ?? ''
  const json = type.includes('json') && text !== '' ? JSON.parse(text) : undefined
  if (status === 429 || status === 503) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
  if (status === 405) expect(headers.get('allow')).toBeTruthy()
  if (providerRooms.test(path)) return
  expect(headers.get('cache-control')).toBe('no-store')
  const isProblem = () => {
    expect(type).toBe('application/problem+json; charset=utf-8')
    expect(json).toMatchObject({ status, code: expect.any(String), detail: expect.any(String) })
    return true
  }
  // Headers without end: no room has seen them.
  if (status === 431) return void isProblem()
  if (oauthRooms.test(path)) {
    expect(type).toBe('application/json; charset=utf-8')
    const challenge = headers.get('www-authenticate') ?? ''
    if (challenge.startsWith('Bearer') && !challenge.includes('error=')) return void expect(json).toEqual({})
    expect(json.error).toMatch(/^[a-z_]+$/)
    // RFC 6749 §5.2: no quote, no backslash, nothing beyond ASCII.
    return void expect(json.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  }
  if (pageRooms.test(path) && !type.includes('problem')) {
    expect(type).toBe('text/html; charset=utf-8')
    return void expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  }
  if (!type.startsWith('text/html')) isProblem()
}

/** Sends it, and expects what is true of every such request. */
const expectHarmless = async ({ method, path, bytes }: ReturnType<typeof bytesOf>): Promise<RawAnswer> => {
  written.length = 0
  const answer = await rawRequest(issuer.url, bytes)
  const shown = `${method} ${path} -> ${answer.status} ${answer.body.slice(0, 200)}`
  expect(answer.status, shown).toBeGreaterThanOrEqual(200)
  expect(answer.status, shown).not.toBe(500)
  expect(answer.body, shown).not.toContain('<script>alert(1)')
  expect(answer.headers.get('set-cookie') ?? '', shown).not.toContain('injected')
  expect(answer.headers.get('location') ?? '', shown).not.toMatch(/^(\/\/|https?:\/\/[^/]*evil|javascript:)/)
  if (answer.status >= 400 && method !== 'HEAD' && method !== 'FOO') expectContract(path, answer)
  expect(written, shown).toEqual([])
  return answer
}

test('no request of any shape is a 500, breaks its room’s contract, or changes anything (H4, H5, H6, H7)', async () => {
  const seen = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(aRequest, async (fuzzed) => {
      const { status } = await expectHarmless(bytesOf(fuzzed))
      seen.set(status, 1 + (seen.get(status) ?? 0))
    }),
    { numRuns: runs },
  )
  // The requests reach deep enough to be judged, not only to be turned away at the door.
  expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 405, 415]))
})

test('stolen codes and tokens, and forged ones of every kind, open and end nothing (A11, B4, B12)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ route: fc.nat(9999), fields: stolenFields, bearer: optional(fc.nat(999)) }),
      async ({ route, fields, bearer }) => {
        const takesTokens = /^\/(token|revoke|introspect|userinfo|api\/.*[^/])$/
        const posts = issuer.app.routes().filter(([method, at]) => method === 'POST' && takesTokens.test(at))
        const path = (posts[route % posts.length]?.[1] ?? '/').replaceAll(/:\w+/g, 'kakao')
        const headers = [
          ['x-forwarded-for', `10.${route % 250}.0.1`] as const,
          ...(bearer === undefined ? [] : [['authorization', `Bearer ${nth(bearers, bearer)}`] as const]),
        ]
        const isJson = path.startsWith('/api/')
        const type = ['content-type', isJson ? 'application/json' : form] as const
        const bytes = httpBytes('POST', path, [...headers, type], (isJson ? asJson : asForm)(fields))
        const { body } = await expectHarmless({ method: 'POST', path, bytes })
        expect(body).not.toMatch(/"access(_token)?"/)
      },
    ),
    { numRuns: runs },
  )
})

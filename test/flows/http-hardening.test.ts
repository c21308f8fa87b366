// Limits, content types, CORS, proxies, and the format of errors.
import { beforeAll, describe, expect, test } from 'vitest'
import { createHttpServer } from '../../src/http/server.ts'
import { limitHandlers } from '../../src/http/time-limit.ts'
import { openLog } from '../../src/log.ts'
import { createBrand } from '../../src/pages/brand.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'
import { httpBytes, rawRequest } from '../support/raw-request.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const origin = 'https://spa.example'

const preflight = (path: string, from: string, method = 'POST') =>
  issuer.send(path, {
    method: 'OPTIONS',
    headers: {
      origin: from,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization',
    },
  })

describe('CORS', () => {
  beforeAll(async () => {
    await issuer.client({ origins: [origin] })
  })

  test.each(['/token', '/revoke', '/userinfo', '/api/token', '/api/users/me', '/api/logout'])(
    '%s allows CORS for registered origins only, without credentials (H1)',
    async (path) => {
      const good = await preflight(path, origin)
      expect(good.headers.get('access-control-allow-origin')).toBe(origin)
      expect(good.headers.get('access-control-allow-headers')).toContain('authorization')
      for (const from of [
        'https://evil.example',
        'null',
        `${origin}.evil.example`,
        'https://spa.example:8443',
        'http://spa.example',
      ]) {
        const { headers } = await preflight(path, from)
        expect(headers.get('access-control-allow-origin'), from).toBeNull()
        expect(headers.get('vary')).toContain('Origin')
      }
      expect(good.headers.get('vary')).toContain('Origin')
      expect(good.headers.get('access-control-allow-credentials')).toBeNull()
    },
  )

  test('only the origins of the client that owns the token can read its answers (H1)', async () => {
    const own = 'https://own.example'
    const [client, user] = [await issuer.client({ origins: [own] }), await issuer.user()]
    const readable = ({ headers }: { headers: Headers }) => headers.get('access-control-allow-origin')
    for (const [from, expected] of [
      [own, own],
      [origin, null],
    ] as const) {
      const headers = { origin: from }
      const { accessToken, refreshToken } = await issuer.tokens(client, user)
      const credentials = { client_id: client.id, client_secret: client.secret ?? '' }
      const refresh = { grant_type: 'refresh_token', refresh_token: refreshToken, ...credentials }
      const bearer = { headers: { ...headers, authorization: `Bearer ${accessToken}` } }
      expect(readable(await issuer.send('/userinfo', bearer))).toBe(expected)
      expect(readable(await issuer.send('/api/users/me', bearer))).toBe(expected)
      expect(readable(await issuer.form('/token', refresh, headers))).toBe(expected)
      expect(readable(await issuer.form('/token', { ...refresh, scope: 'world' }, headers))).toBe(expected)
      expect(readable(await issuer.form('/revoke', { token: refreshToken, ...credentials }, headers))).toBe(
        expected,
      )
    }
  })

  test('a registered origin can read error responses (H1)', async () => {
    const { status, headers } = await issuer.form('/token', { grant_type: 'x' }, { origin })
    expect(status).toBe(401)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
  })

  test('every origin can read the keys and the metadata (H1)', async () => {
    for (const path of ['/.well-known/jwks.json', '/.well-known/openid-configuration']) {
      const { headers } = await issuer.send(path, { headers: { origin: 'https://anybody.example' } })
      expect(headers.get('access-control-allow-origin')).toBe('*')
    }
  })

  test('no origin can read pages, the authorization endpoint or introspection (H1)', async () => {
    for (const path of [
      '/login',
      '/register',
      '/authorize',
      '/account',
      '/consent',
      '/end-session',
      '/introspect',
      '/',
    ]) {
      const { headers } = await issuer.send(path, { headers: { origin } })
      expect(headers.get('access-control-allow-origin'), path).toBeNull()
      expect((await preflight(path, origin)).headers.get('access-control-allow-origin'), path).toBeNull()
    }
  })
})

describe('behind a proxy', () => {
  const forged = {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    forwarded: 'for=203.0.113.9',
  }

  const addressOfFailure = async (on: TestIssuer, headers: Record<string, string>) => {
    const email = `${Math.random().toString(36).slice(2)}@example.com`
    await on.json('/api/token', { email, password: 'wrong' }, headers)
    const events = on.logLines.flatMap(
      (line) => (JSON.parse(line) as { audit?: { type: string; ip?: string } }).audit ?? [],
    )
    return events.filter(({ type }) => type === 'login.failed').at(-1)?.ip
  }

  test('the server uses X-Forwarded-For only from a trusted proxy (H3)', async () => {
    expect(await addressOfFailure(issuer, forged)).toBe('127.0.0.1')
    const trusting = await testIssuer({ env: { TRUSTED_PROXIES: '127.0.0.1/32' } })
    expect(await addressOfFailure(trusting, forged)).toBe('203.0.113.9')
    // The trusted proxy appends its entry on the right. The entries to its left come from the client.
    expect(await addressOfFailure(trusting, { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' })).toBe(
      '203.0.113.9',
    )
    await trusting.close()
    const elsewhere = await testIssuer({ env: { TRUSTED_PROXIES: '10.0.0.0/8' } })
    expect(await addressOfFailure(elsewhere, forged)).toBe('127.0.0.1')
    await elsewhere.close()
  })

  test('a forwarded address may have a port, and an invalid one falls back to the proxy’s address (H3)', async () => {
    const trusting = await testIssuer({ env: { TRUSTED_PROXIES: '127.0.0.1/32' } })
    for (const [header, address] of [
      ['203.0.113.9:51234', '203.0.113.9'],
      ['[2001:db8::9]:51234', '2001:db8::9'],
      ['2001:db8::9', '2001:db8::9'],
      ['unknown', '127.0.0.1'],
      ["' or 1=1", '127.0.0.1'],
    ] as const)
      expect(await addressOfFailure(trusting, { 'x-forwarded-for': header }), header).toBe(address)
    await trusting.close()
  })

  test('a forged X-Forwarded-For does not evade the throttle (H3)', async () => {
    const own = await testIssuer()
    const statuses = []
    for (let attempt = 0; attempt < 70; attempt += 1)
      statuses.push(
        (
          await own.json(
            '/api/token',
            { email: `a${attempt}@example.com`, password: 'x' },
            { 'x-forwarded-for': `203.0.113.${attempt}` },
          )
        ).status,
      )
    expect(statuses.at(-1)).toBe(429)
    await own.close()
  })

  test('a forwarded host does not appear in the metadata (H3)', async () => {
    const { body } = await issuer.send('/.well-known/openid-configuration', { headers: forged })
    expect(body).not.toContain('evil.example')
  })
})

describe('sizes', () => {
  test('a body above 64 KB gets 413 in the format of its route (H4)', async () => {
    const big = 'a'.repeat(70_000)
    const token = await issuer.form('/token', { grant_type: big })
    expect([token.status, token.json.error]).toEqual([413, 'invalid_request'])
    const api = await issuer.json('/api/users', { email: big })
    expect([api.status, api.headers.get('content-type')]).toEqual([
      413,
      'application/problem+json; charset=utf-8',
    ])
    const page = await issuer.form('/login/password', { login: big })
    expect(page.status).toBe(413)
    expect(page.headers.get('content-type')).toContain('text/html')
  })

  test('the server rejects too many parameters, long headers and long URLs (H4)', async () => {
    const many: [string, string][] = Array.from({ length: 2000 }, (_, index) => [`p${index}`, ''])
    expect((await issuer.form('/token', many)).status).toBe(400)
    const headers = await rawRequest(issuer.url, httpBytes('GET', '/login', [['x-long', 'a'.repeat(40_000)]]))
    expect(headers.status).toBe(431)
    const address = await rawRequest(issuer.url, httpBytes('GET', `/${'a'.repeat(40_000)}`))
    expect([400, 414, 431]).toContain(address.status)
    for (const { body } of [headers, address]) expect(JSON.parse(body)).toHaveProperty('code')
  })

  test('a state over 2048 or a nonce over 512 characters gives invalid_request (H4)', async () => {
    const client = await issuer.client()
    for (const [name, length] of [
      ['state', 2049],
      ['nonce', 513],
    ] as const) {
      const challenge = { code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' }
      const path = (size: number) => issuer.authorizePath(client, { ...challenge, [name]: 'x'.repeat(size) })
      const refused = await issuer.send(path(length))
      expect(refused.headers.get('location')).toContain('error=invalid_request')
      expect((await issuer.send(path(length - 1))).headers.get('location')).toMatch(/^\/login\?/)
      const posted = await issuer.form('/authorize', [...new URL(path(60_000), issuer.url).searchParams])
      expect(posted.headers.get('location')).toContain('error=invalid_request')
    }
  })

  test('requests, handlers and connections have time limits (H4)', () => {
    const { requestTimeout, headersTimeout, timeout, keepAliveTimeout } = issuer.app.server.server
    for (const bound of [requestTimeout, headersTimeout, timeout, keepAliveTimeout])
      expect(bound).toBeGreaterThan(0)
  })

  test('a handler that never ends is answered with 503, and others are not (H4)', async () => {
    const { server } = await createHttpServer({
      log: openLog('silent', { write: () => {} }),
      trustedProxies: [],
      brand: createBrand({}),
    })
    limitHandlers(server, 50)
    const { promise, resolve } = Promise.withResolvers<void>()
    server.get('/endless', async (_request, reply) => {
      await promise
      return reply.send({ late: true })
    })
    server.get('/quick', async (_request, reply) => reply.send({ late: false }))
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const endless = fetch(`${url}/endless`)
    expect((await fetch(`${url}/quick`)).status).toBe(200)
    const { status, headers } = await endless
    expect([status, headers.get('retry-after')]).toEqual([503, '2'])
    resolve()
    await server.close()
  })
})

describe('content types', () => {
  test('JSON routes answer other content types with 415 (H5)', async () => {
    for (const type of [
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/xml',
      'application/x-www-form-urlencoded',
    ]) {
      const { status, headers } = await issuer.send('/api/users', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': type },
      })
      expect(status, type).toBe(415)
      expect(headers.get('content-type')).toContain('application/problem+json')
    }
  })

  test('OAuth routes answer other content types with invalid_request (H5)', async () => {
    for (const path of ['/token', '/revoke', '/introspect'])
      for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x']) {
        const { status, json } = await issuer.send(path, {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': type },
        })
        expect([status, json.error], `${path} ${type}`).toEqual([400, 'invalid_request'])
      }
  })

  test('the first-party API rejects a value that is not a string instead of converting it (H6)', async () => {
    for (const email of [1, ['a@example.com'], { toString: 'x' }, true, null]) {
      const { status } = await issuer.json('/api/users', { email, password: 'correct horse battery staple' })
      expect([400, 422], JSON.stringify(email)).toContain(status)
      expect((await issuer.json('/api/token', { email, password: ['x'] })).status).toBe(400)
    }
    for (const body of [[], 'x', 1, null]) expect((await issuer.json('/api/users', body)).status).toBe(400)
  })
})

describe('errors', () => {
  test('OAuth errors follow RFC 6749, with only the allowed characters (H7)', async () => {
    const answers = [
      await issuer.form('/token', {}),
      await issuer.form('/token', { grant_type: '"<script>\\\u00e9' }),
      await issuer.form('/revoke', { token: 'x' }),
      await issuer.form('/introspect', {}),
      await issuer.send('/token'),
    ]
    for (const { status, json, body } of answers) {
      expect(status).toBeLessThan(500)
      expect(String(json.error)).toMatch(/^[a-z_]+$/)
      expect(String(json.error_description ?? '')).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
      expect(body).not.toContain('<script')
    }
  })

  test('errors of other routes follow RFC 9457 (H7)', async () => {
    const answers = [
      await issuer.send('/nothing/here'),
      await issuer.send('/api/nothing'),
      await issuer.json('/api/users', {}),
      await issuer.send('/api/users', { method: 'DELETE' }),
      await issuer.send('/api/users/me'),
      await issuer.send('/healthz', { method: 'POST' }),
    ]
    for (const { status, headers, json } of answers) {
      expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
      expect(json).toMatchObject({ type: 'about:blank', status })
      expect(json.code).toMatch(/^[a-z_]+$/)
    }
  })

  test('an internal error shows no details in the response and logs them (H7)', async () => {
    const stores = { ...(await import('../support/memory/memory-stores.ts')).memoryStores() }
    const fault = new Error('relation "users" does not exist at /srv/dojang/src/x.ts')
    stores.users = { ...stores.users, findByLogin: async () => Promise.reject(fault) }
    stores.authorizationCodes = { ...stores.authorizationCodes, find: async () => Promise.reject(fault) }
    const broken = await testIssuer({ stores })
    const api = await broken.json('/api/token', { email: 'a@example.com', password: 'x' })
    const agent = broken.browser()
    const page = await agent.submit('/login/password', { login: 'a@example.com', password: 'x' })
    const token = await broken.redeem(await broken.client(), 'x', 'x')
    expect([api.status, page.status, token.status]).toEqual([500, 500, 500])
    expect(token.json.error).toBe('server_error')
    for (const { body } of [api, page, token]) expect(body).not.toMatch(/relation|\/srv|at \w+ \(/)
    expect(broken.logLines.join('\n')).toContain('relation')
    await broken.close()
  })

  test('a bearer challenge has no error code without credentials, and invalid_token with bad ones (H8)', async () => {
    for (const path of ['/userinfo', '/api/users/me']) {
      const bare = await issuer.send(path)
      expect(bare.status).toBe(401)
      expect(bare.headers.get('www-authenticate')).toMatch(/^Bearer\b(?!.*error=)/)
      for (const token of ['x', 'a.b.c', `${'a'.repeat(3000)}`]) {
        const bad = await issuer.bearer(path, token)
        expect(bad.status).toBe(401)
        expect(bad.headers.get('www-authenticate')).toContain('error="invalid_token"')
      }
      const other = await issuer.send(path, { headers: { authorization: 'Basic YTpi' } })
      expect(other.status).toBe(401)
    }
    // The body follows the same rule (RFC 6750 §3.1).
    expect((await issuer.send('/userinfo')).json).toEqual({})
    expect((await issuer.bearer('/userinfo', 'x')).json.error).toBe('invalid_token')
  })

  test('a valid token without the required scope gives 403 insufficient_scope and names the scope (H8)', async () => {
    const scope = { scope: 'profile' }
    const { accessToken } = await issuer.tokens(await issuer.client(), await issuer.user(), scope)
    const { status, headers, json } = await issuer.bearer('/userinfo', accessToken)
    expect(status).toBe(403)
    expect(json).toEqual({
      error: 'insufficient_scope',
      error_description: 'The access token does not have the required scope.',
    })
    const challenge = headers.get('www-authenticate') ?? ''
    for (const part of ['Bearer', 'error="insufficient_scope"', 'scope="openid"'])
      expect(challenge).toContain(part)
  })
})

describe('health', () => {
  test('/healthz asks no store, /readyz asks the stores, and neither shows details (I1)', async () => {
    const down = await testIssuer({
      pingStores: async () => Promise.reject(new Error('connect ECONNREFUSED db.internal:5432')),
    })
    expect((await down.send('/healthz')).json).toEqual({ status: 'ok' })
    const ready = await down.send('/readyz')
    expect(ready.status).toBe(503)
    expect(ready.headers.get('retry-after')).toBeTruthy()
    expect(ready.json).toEqual({ status: 'unavailable' })
    await down.close()
    expect((await issuer.send('/readyz')).json).toEqual({ status: 'ready' })
  })

  test('/readyz writes to the stores at most once a second, however often it is called (H13, I1)', async () => {
    let probes = 0
    const probeWrites = async () => {
      probes += 1
    }
    const counting = await testIssuer({ probeWrites })
    for (let call = 0; call < 20; call += 1) await counting.send('/readyz')
    expect(probes).toBe(1)
    counting.clock.advance(1)
    await counting.send('/readyz')
    expect(probes).toBe(2)
    await counting.close()
  })

  test('/readyz answers 503 with a pending migration or without a signing key (I1)', async () => {
    const pending = ['0099-more']
    const behind = await testIssuer({ migrationState: async () => ({ applied: [], pending }) })
    const { status, body } = await behind.send('/readyz')
    expect([status, JSON.parse(body)]).toEqual([503, { status: 'unavailable' }])
    expect((await behind.send('/healthz')).status).toBe(200)
    await behind.close()
    const keyless = await testIssuer()
    keyless.app.keyRing.current = () => {
      throw new Error('there is no key that signs')
    }
    expect((await keyless.send('/readyz')).body).toBe('{"status":"unavailable"}')
    await keyless.close()
  })
})

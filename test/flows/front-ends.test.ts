// Front ends that were written for SimpleJWT or for FastAPI use /api/token as they are.
import { describe, expect, test } from 'vitest'
import { firstPartyApiClientId } from '../../src/clients/client.ts'
import { eventTypes } from '../support/audit-events.ts'
import { claimsOf, redirectUri, testIssuer } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()
const day = 86_400

const signIn = async () => {
  const { id, email, password } = await issuer.user()
  const { json } = await issuer.json('/api/token', { username: email, password })
  return { id, email, password, access: String(json.access), refresh: String(json.refresh) }
}

const works = async (access: string) => (await issuer.bearer('/api/users/me', access)).status === 200

describe('a front end of SimpleJWT', () => {
  test.each([
    ['/api/token', {}, ['username', 'password']],
    ['/api/token', { username: 'jane' }, ['password']],
    ['/api/token', { email: 'jane@example.com', password: '' }, ['password']],
    ['/api/token', { password: 'x' }, ['username']],
    ['/api/token/refresh', {}, ['refresh']],
    ['/api/token/verify', {}, ['token']],
    ['/api/token/blacklist', { refresh: null }, ['refresh']],
  ])('%s with %o names each missing member (H7)', async (path, body, names) => {
    const { status, json, headers } = await issuer.json(path, body)
    expect([status, json.code]).toEqual([400, 'invalid_request'])
    expect(headers.get('content-type')).toContain('application/problem+json')
    const { type: _, title: __, status: ___, code: ____, detail: _____, ...members } = json
    expect(Object.keys(members)).toEqual(names)
    for (const name of names) expect(members[name]).toEqual([expect.stringContaining(name)])
  })

  test.each(['/api/token/refresh', '/api/token/blacklist', '/api/token/verify'])(
    '%s answers a token that does not work with 401 token_not_valid (B4)',
    async (path) => {
      const { access } = await signIn()
      const idToken = (await issuer.tokens(await issuer.client(), await issuer.user())).idToken
      const wrong = path.endsWith('verify') ? [idToken] : [access, idToken]
      for (const token of ['x', 'a.b.c', ...wrong]) {
        const { status, json } = await issuer.json(path, { refresh: token, token })
        expect([status, json.code], token).toEqual([401, 'token_not_valid'])
        expect(json.detail).toMatch(/token/)
      }
    },
  )

  test('/api/token/verify accepts an access token until it expires or is revoked (E2)', async () => {
    const [one, two] = [await signIn(), await signIn()]
    const verify = (token: string) => issuer.json('/api/token/verify', { token })
    const { status, json } = await verify(one.access)
    expect([status, json]).toEqual([200, {}])
    expect((await issuer.form('/api/token/verify/', { token: one.access })).status).toBe(200)
    await issuer.bearer('/api/logout', two.access, 'POST')
    expect((await verify(two.access)).json.code).toBe('token_not_valid')
    issuer.clock.advance(3600)
    expect((await verify(one.access)).json.code).toBe('token_not_valid')
  })

  test('/api/token/verify does not say whether a refresh token is valid (C2)', async () => {
    const { refresh } = await signIn()
    const { status, json } = await issuer.json('/api/token/verify', { token: refresh })
    expect([status, json.code]).toEqual([401, 'token_not_valid'])
  })

  test('/api/token/verify refuses a token that does not work at /api (B3)', async () => {
    const verify = (token: string) => issuer.json('/api/token/verify', { token })
    const audiences = ['https://other.example']
    const client = await issuer.client({ audiences })
    const other = await issuer.tokens(client, await issuer.user(), { resource: 'https://other.example' })
    expect((await verify(other.accessToken)).status).toBe(401)
    const disabled = await signIn()
    await issuer.stores.users.change(disabled.id, { disabledAt: issuer.clock.now() }, issuer.clock.now())
    expect((await verify(disabled.access)).status).toBe(401)
  })

  test('/api/token/blacklist ends the session of the refresh token with its access tokens (E2)', async () => {
    for (const send of [issuer.json, issuer.form]) {
      const { id, access, refresh } = await signIn()
      const { status, json } = await send('/api/token/blacklist', { refresh })
      expect([status, json]).toEqual([200, {}])
      expect(await works(access)).toBe(false)
      expect((await issuer.json('/api/token/refresh', { refresh })).json.code).toBe('token_not_valid')
      expect(eventTypes(issuer, id)).toContain('logout')
    }
  })

  test('/api/token/blacklist takes the cookie of a page of the issuer, and clears it (E2, G3)', async () => {
    const { email, password } = await issuer.user()
    const login = await issuer.json('/api/token', { email, password, delivery: 'cookie' })
    const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const foreign = { cookie, 'sec-fetch-site': 'same-site' }
    expect((await issuer.json('/api/token/blacklist', {}, foreign)).status).toBe(403)
    const own = { cookie, 'sec-fetch-site': 'same-origin' }
    const { status, headers } = await issuer.json('/api/token/blacklist', {}, own)
    expect([status, headers.getSetCookie()[0]?.slice(0, 25)]).toEqual([200, '__Host-dojang_refresh=; M'])
    expect((await issuer.json('/api/token/refresh', {}, { cookie })).status).toBe(401)
  })

  test('these routes are missing if PASSWORD_API is off, and /api/logout is not (A25)', async () => {
    const own = await testIssuer({ env: { PASSWORD_API: 'off' } })
    for (const path of ['/api/token', '/api/token/refresh', '/api/token/verify', '/api/token/blacklist'])
      expect((await own.json(path, {})).status, path).toBe(404)
    expect((await own.json('/api/logout', {})).status).toBe(401)
    await own.close()
  })
})

describe('a first-party client without rotation', () => {
  const withoutRotation = async () => {
    await issuer.app.operations['clients.update']({ id: firstPartyApiClientId, refresh: 'reuse' })
    const tokens = await signIn()
    return { ...tokens, again: () => issuer.json('/api/token/refresh', { refresh: tokens.refresh }) }
  }

  test('may be public, and its refresh token works until the absolute end of the family (C4, C5)', async () => {
    const { again, refresh } = await withoutRotation()
    const lifetime = issuer.config.refreshAbsoluteTtlSeconds
    for (let passed = day; passed < lifetime; passed += day) {
      issuer.clock.advance(day)
      const { status, json } = await again()
      expect([status, json.refresh]).toEqual([200, refresh])
    }
    issuer.clock.advance(day)
    expect((await again()).json.code).toBe('token_not_valid')
  })

  test('loses the token by a logout (C4, E2)', async () => {
    const { again, refresh } = await withoutRotation()
    await issuer.json('/api/logout', { refresh })
    expect((await again()).json.code).toBe('token_not_valid')
  })

  test('may not become a third-party client while it is public (C4)', async () => {
    const { 'clients.create': create, 'clients.update': update } = issuer.app.operations
    const settings = { redirectUris: [redirectUri], public: true, refresh: 'reuse' }
    await create({ ...settings, id: 'spa' })
    await expect(update({ id: 'spa', thirdParty: true })).rejects.toThrow(/must rotate/)
    await expect(create({ ...settings, id: 'theirs', thirdParty: true })).rejects.toThrow(/must rotate/)
  })

  test('rotation is on unless the client chose otherwise (C4)', async () => {
    await issuer.app.operations['clients.update']({ id: firstPartyApiClientId, refresh: 'rotate' })
    const { refresh } = await signIn()
    const { json } = await issuer.json('/api/token/refresh', { refresh })
    expect(json.refresh).not.toBe(refresh)
  })
})

describe('the page /docs of FastAPI', () => {
  const origin = 'http://localhost:8000'
  /** Swagger UI sends these, and an empty client id and secret if nobody typed them. */
  const swagger = {
    origin,
    'sec-fetch-site': 'same-site',
    accept: 'application/json, text/plain, */*',
    'x-requested-with': 'XMLHttpRequest',
    authorization: 'Basic Og==',
  }
  const asForm = (username: string, password: string) => ({
    grant_type: 'password',
    scope: '',
    username,
    password,
  })

  test('"Authorize" signs in with a form from a registered origin and finds access_token (H1)', async () => {
    await issuer.client({ origins: [origin], scopes: ['openid', 'profile', 'email'] })
    const asked = 'authorization,x-requested-with'
    const preflight = await issuer.send('/api/token', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': asked,
      },
    })
    const allowed = (preflight.headers.get('access-control-allow-headers') ?? '').split(', ')
    expect(allowed).toEqual(expect.arrayContaining(asked.split(',')))
    const { email, password } = await issuer.user()
    const { status, json, headers } = await issuer.form('/api/token', asForm(email, password), swagger)
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, origin])
    expect(json).toMatchObject({
      token_type: 'Bearer',
      access_token: json.access,
      refresh_token: json.refresh,
    })
    expect(json.scope).toBe(claimsOf(String(json.access_token)).scope)
    const next = await issuer.form('/api/token/refresh', { refresh_token: String(json.refresh_token) })
    expect(next.json).toMatchObject({ access_token: next.json.access, refresh_token: next.json.refresh })
  })

  test('an empty client id and secret do not replace a registered origin (A11)', async () => {
    const { email, password } = await issuer.user()
    const foreign = { ...swagger, origin: 'https://evil.example' }
    const { status, json } = await issuer.form('/api/token', asForm(email, password), foreign)
    expect([status, json.code]).toEqual([403, 'origin_not_registered'])
    const half = { authorization: `Basic ${btoa('first-party:')}` }
    expect((await issuer.form('/api/token', asForm(email, password), half)).status).toBe(401)
  })

  test('JSON gets only the names of /api, and a refresh token in a cookie is in no member (B14)', async () => {
    const { email, password } = await issuer.user()
    const { json } = await issuer.json('/api/token', { email, password })
    expect(Object.keys(json)).not.toEqual(expect.arrayContaining(['access_token']))
    expect(json).not.toHaveProperty('refresh_token')
    const byCookie = await issuer.form('/api/token', { username: email, password, delivery: 'cookie' })
    expect(byCookie.json).toHaveProperty('access_token')
    expect(byCookie.body).not.toContain('drt_')
  })
})

test('/api/token refuses audience and resource, and says what to do (A22)', async () => {
  const { email, password } = await issuer.user()
  for (const name of ['audience', 'resource'])
    for (const send of [issuer.json, issuer.form]) {
      const { status, json } = await send('/api/token', {
        username: email,
        password,
        [name]: 'https://a.example',
      })
      expect([status, json.code]).toEqual([400, 'invalid_request'])
      expect(json.detail).toMatch(new RegExp(`Leave out ${name}.*--default-audience`))
    }
  expect((await issuer.json('/api/token', { email, password, audience: '' })).status).toBe(200)
})

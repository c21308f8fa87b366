// A client may ask only for what its record lists. What this issuer does not offer, no client gets.
import { beforeAll, describe, expect, test } from 'vitest'
import { claimsOf, credentialsOf, pkce, redirectUri, type TestClient } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const orders = 'https://orders.example'
const billing = 'https://billing.example'

const issuer = useIssuer()
beforeAll(async () => {
  await issuer.stores.apis.create({
    audience: orders,
    name: 'Orders',
    scopes: ['orders:read', 'orders:write'],
    scopeTexts: {},
    claims: [],
    createdAt: issuer.clock.now(),
  })
})

const asMachine = (client: TestClient, more: Record<string, string> | [string, string][] = {}) =>
  issuer.form('/token', [
    ['grant_type', 'client_credentials'],
    ...Object.entries(credentialsOf(client)),
    ...(Array.isArray(more) ? more : Object.entries(more)),
  ])

const errorOf = async (client: TestClient, params: Record<string, string | undefined>) => {
  const { location } = await issuer.authorize(client, params)
  expect(location?.href.startsWith(redirectUri)).toBe(true)
  expect(location?.searchParams.get('iss')).toBe(issuer.url)
  return location?.searchParams.get('error')
}

test('a sign-in at the first-party API gives the scopes of the user’s roles (A24)', async () => {
  await issuer.stores.roles.create({ name: 'reader', scopes: ['articles:read', 'orders:read'] })
  const { email, password } = await issuer.user({ roles: ['user', 'reader'] })
  const { json } = await issuer.json('/api/token', { email, password })
  const scope = String(claimsOf(String(json.access)).scope).split(' ')
  // The scope of an API is only in tokens for this API.
  expect(scope).toEqual(['openid', 'profile', 'email', 'offline_access', 'articles:read'])
})

test('a malformed scope gets invalid_scope, and the description says so (A24)', async () => {
  const client = await issuer.client({ grants: ['client_credentials'], scopes: ['a'] })
  for (const scope of ['a"', 'a\\b', 'é', 'x'.repeat(129)]) {
    const { status, json } = await asMachine(client, { scope })
    expect([status, json.error, json.error_description]).toEqual([
      400,
      'invalid_scope',
      'The scope is malformed.',
    ])
  }
})

describe('grants', () => {
  test('/authorize gives no code to a client without the grant authorization_code (A24)', async () => {
    const client = await issuer.client({ grants: ['client_credentials'] })
    expect(await errorOf(client, {})).toBe('unauthorized_client')
  })

  test.each(['authorization_code', 'refresh_token', 'client_credentials'] as const)(
    'the token endpoint rejects %s with unauthorized_client if the client does not have this grant (A24)',
    async (grant) => {
      const others = (['authorization_code', 'refresh_token', 'client_credentials'] as const).filter(
        (one) => one !== grant,
      )
      const client = await issuer.client({ grants: others })
      const fields = { grant_type: grant, code: 'x', refresh_token: 'x', ...credentialsOf(client) }
      const { status, json } = await issuer.form('/token', fields)
      expect([status, json.error]).toEqual([400, 'unauthorized_client'])
    },
  )

  test('removing the grant refresh_token from a client rejects its existing refresh tokens (A24)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { refreshToken } = await issuer.tokens(client, user)
    await issuer.app.operations['clients.update']({ id: client.id, grants: ['authorization_code'] })
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('unauthorized_client')
  })

  test('a client without the grant refresh_token gets no refresh token, even with offline_access (A24)', async () => {
    const client = await issuer.client({ grants: ['authorization_code'] })
    const { answer } = await issuer.tokens(client, await issuer.user())
    expect(answer.json).not.toHaveProperty('refresh_token')
  })

  test('a public client cannot use client_credentials (A24)', async () => {
    const client = await issuer.client({ grants: ['client_credentials'], secretHash: undefined } as never)
    const fields = { grant_type: 'client_credentials', client_id: client.id }
    expect((await issuer.form('/token', fields)).json.error).toBe('unauthorized_client')
  })
})

describe('scopes', () => {
  test('a scope outside the client record gives invalid_scope at /authorize and /token (A24)', async () => {
    const client = await issuer.client({ scopes: ['openid', 'offline_access'] })
    expect(await errorOf(client, { scope: 'openid email' })).toBe('invalid_scope')
    const { refreshToken } = await issuer.tokens(client, await issuer.user())
    const wider = await issuer.refresh(client, refreshToken, { scope: 'openid email' })
    expect(wider.json.error).toBe('invalid_scope')
    const machine = await issuer.client({ grants: ['client_credentials'], scopes: ['orders:read'] })
    expect((await asMachine(machine, { scope: 'orders:write' })).json.error).toBe('invalid_scope')
    expect((await asMachine(machine, { scope: 'openid' })).json.error).toBe('invalid_scope')
  })

  test('a scope that no API has is ignored in an OpenID Connect request, and not in the granted scope (A24)', async () => {
    await issuer.stores.apis.create({
      audience: 'https://known.example',
      name: 'Known',
      scopes: ['known:read'],
      scopeTexts: {},
      claims: [],
      createdAt: issuer.clock.now(),
    })
    const client = await issuer.client({ scopes: ['openid', 'offline_access'] })
    const asked = { scope: 'openid world offline_access' }
    const { answer, refreshToken, accessToken } = await issuer.tokens(client, await issuer.user(), asked)
    expect(answer.json.scope).toBe('openid offline_access')
    expect(claimsOf(accessToken).scope).toBe('openid offline_access')
    // A client may repeat its parameter at the refresh.
    expect((await issuer.refresh(client, refreshToken, asked)).json.scope).toBe('openid offline_access')
    for (const scope of ['openid known:read', 'openid world phone', 'offline_access world', 'world'])
      expect(await errorOf(client, { scope }), scope).toBe('invalid_scope')
    const plain = await issuer.client({ scopes: ['offline_access'] })
    expect(await errorOf(plain, { scope: 'openid offline_access' })).toBe('invalid_scope')
  })

  test('the token response names the granted scope, also when it is smaller than the requested one (A24)', async () => {
    const client = await issuer.client({ audiences: [orders], scopes: ['openid', 'orders:read'] })
    await issuer.stores.roles.create({ name: 'reader', scopes: ['orders:read'] })
    const [plain, reader] = [await issuer.user(), await issuer.user({ roles: ['user', 'reader'] })]
    const asked = { scope: 'openid orders:read', resource: orders }
    const less = await issuer.tokens(client, plain, asked)
    expect(less.answer.json.scope).toBe('openid')
    expect(claimsOf(less.accessToken).scope).toBe('openid')
    const all = await issuer.tokens(client, reader, asked)
    expect(all.answer.json.scope).toBe('openid orders:read')
    const elsewhere = await issuer.tokens(client, reader, { scope: 'openid orders:read' })
    expect(elsewhere.answer.json.scope).toBe('openid')
  })

  test('a request without a scope gets openid and no refresh token (A24)', async () => {
    const client = await issuer.client()
    const { answer } = await issuer.tokens(client, await issuer.user(), { scope: undefined })
    expect(answer.json.scope).toBe('openid')
    expect(answer.json).not.toHaveProperty('refresh_token')
  })

  test('a scope removed from the client record is missing after the next refresh (A24)', async () => {
    const client = await issuer.client()
    const { refreshToken } = await issuer.tokens(client, await issuer.user())
    await issuer.stores.clients.change(client.id, { scopes: ['openid', 'offline_access'] })
    const { json } = await issuer.refresh(client, refreshToken)
    expect(json.scope).toBe('openid offline_access')
    expect(claimsOf(String(json.access_token)).scope).toBe('openid offline_access')
  })
})

describe('response modes', () => {
  test('an unlisted response_mode gives unauthorized_client in a listed mode (A24)', async () => {
    const [query, form] = [
      await issuer.client({ responseModes: ['query'] }),
      await issuer.client({ responseModes: ['form_post'] }),
    ]
    expect(await errorOf(query, { response_mode: 'form_post' })).toBe('unauthorized_client')
    for (const response_mode of ['query', undefined]) {
      const page = await issuer.authorize(form, { response_mode })
      expect([page.status, page.location]).toEqual([200, undefined])
      expect(page.body).toContain('name="error" value="unauthorized_client"')
      expect(page.body).toContain(`action="${redirectUri}"`)
    }
  })

  test('codes and errors leave only in the listed response mode (A24)', async () => {
    const client = await issuer.client({ responseModes: ['form_post'] })
    const [user, agent] = [await issuer.user(), issuer.browser()]
    const mode = { response_mode: 'form_post' }
    const page = await issuer.signInOn(agent, await issuer.authorize(client, mode, agent), user)
    expect(page.body).toMatch(/name="code" value="[A-Za-z0-9_-]{43}"/)
    for (const params of [{ scope: 'world' }, { response_mode: 'fragment' }, { response_type: 'token' }])
      expect((await issuer.authorize(client, params, agent)).location).toBeUndefined()
  })

  test('an admin sets the response modes of a client, and fragment is rejected (A24)', async () => {
    const operations = issuer.app.operations
    const redirectUris = [redirectUri]
    const { client_id: id } = (await operations['clients.create']({
      redirectUris,
      responseModes: ['query'],
    })) as { client_id: string }
    expect(await operations['clients.show']({ id })).toMatchObject({ response_modes: ['query'] })
    await operations['clients.update']({ id, responseModes: ['form_post'] })
    expect(await operations['clients.show']({ id })).toMatchObject({ response_modes: ['form_post'] })
    for (const responseModes of [['fragment'], [], ['query', 'web_message']])
      await expect(operations['clients.create']({ redirectUris, responseModes })).rejects.toThrow()
  })
})

describe('audiences', () => {
  const machine = (facts: Partial<TestClient> = {}) =>
    issuer.client({ grants: ['client_credentials'], scopes: [], audiences: [orders], ...facts })

  test('client_credentials gives tokens only for audiences of the client (A22)', async () => {
    const client = await machine()
    const { json } = await asMachine(client, { resource: orders })
    expect(claimsOf(String(json.access_token)).aud).toBe(orders)
    for (const resource of [billing, `${orders}/`, `${orders}#x`, 'orders', 'HTTPS://ORDERS.EXAMPLE']) {
      const { status, json } = await asMachine(client, { resource })
      expect([status, json.error], resource).toEqual([400, 'invalid_target'])
    }
    const mixed = await asMachine(client, [
      ['resource', orders],
      ['resource', billing],
    ])
    expect(mixed.json.error).toBe('invalid_target')
  })

  test('a client may repeat the resource parameter to get several audiences (A22, A10)', async () => {
    const client = await machine({ audiences: [orders, billing] })
    const { json } = await asMachine(client, [
      ['resource', orders],
      ['resource', billing],
      ['resource', orders],
    ])
    expect(claimsOf(String(json.access_token)).aud).toEqual([orders, billing])
  })

  test('a refresh may narrow the token to one granted resource, and the next refresh has all again (A22)', async () => {
    const client = await issuer.client({ audiences: [orders, billing] })
    const user = await issuer.user()
    const path = `${issuer.authorizePath(client, { resource: orders })}&resource=${billing}`
    const { verifier, challenge } = pkce()
    const agent = issuer.browser()
    const page = await agent.get(`${path}&code_challenge=${challenge}&code_challenge_method=S256`)
    const code = (await issuer.signInOn(agent, page, user)).location?.searchParams.get('code') ?? ''
    const first = await issuer.redeem(client, code, verifier)
    expect(claimsOf(String(first.json.access_token)).aud).toEqual([orders, billing])
    const narrow = await issuer.refresh(client, String(first.json.refresh_token), { resource: orders })
    expect(claimsOf(String(narrow.json.access_token)).aud).toBe(orders)
    const whole = await issuer.refresh(client, String(narrow.json.refresh_token))
    expect(claimsOf(String(whole.json.access_token)).aud).toEqual([orders, billing])
    const token = String(whole.json.refresh_token)
    const wider = await issuer.refresh(client, token, { resource: issuer.config.defaultAudience })
    expect(wider.json.error).toBe('invalid_target')
  })

  test('a refresh fails with invalid_target after the audience was removed from the client (A22)', async () => {
    const client = await issuer.client({ audiences: [orders] })
    const { refreshToken } = await issuer.tokens(client, await issuer.user(), { resource: orders })
    await issuer.stores.clients.change(client.id, { audiences: [] })
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_target')
  })

  test('expires_in and exp follow the token lifetime of the API, which is at most one hour (B5)', async () => {
    const client = await machine()
    await issuer.app.operations['apis.update']({ audience: orders, accessTokenTtlSeconds: 120 })
    const { json } = await asMachine(client, { resource: orders })
    const { iat, exp } = claimsOf(String(json.access_token))
    expect([json.expires_in, Number(exp) - Number(iat)]).toEqual([120, 120])
    const tooLong = issuer.app.operations['apis.update']({ audience: orders, accessTokenTtlSeconds: 3601 })
    await expect(tooLong).rejects.toThrow()
    await issuer.app.operations['apis.update']({ audience: orders, clear: ['ttl'] })
  })

  test.each(['roles', 'scope', 'scopes', 'sub', 'aud', 'client_id', 'onboarded', 'sid', 'exp', 'act', 'cnf'])(
    'apis.update rejects the claim name %s (B8)',
    async (name) => {
      const update = issuer.app.operations['apis.update']({ audience: orders, claims: [name] })
      await expect(update).rejects.toThrow()
    },
  )

  test('a custom claim of a user never replaces a claim that the issuer sets (B8)', async () => {
    await issuer.stores.apis.change(orders, {
      claims: ['roles', 'sub', 'onboarded', 'act', 'acr', 'premium'],
    })
    const client = await issuer.client({ audiences: [orders] })
    const facts = { roles: ['admin'], sub: 'usr_other', onboarded: 'true', act: 'x', acr: 'high' }
    const claims = { ...facts, premium: true }
    const user = await issuer.user({ claims, onboarded: false })
    const token = claimsOf((await issuer.tokens(client, user, { resource: orders })).accessToken)
    expect(token).toMatchObject({ roles: ['user'], sub: user.id, onboarded: false, premium: true })
    for (const name of ['act', 'acr']) expect(token).not.toHaveProperty(name)
    await issuer.app.operations['apis.update']({ audience: orders, clear: ['claims'] })
  })
})

describe('current data of the user', () => {
  test('a refresh puts the current email_verified and name into the ID token (B9)', async () => {
    const client = await issuer.client()
    const user = await issuer.user({ emailVerified: false, name: '홍길동' })
    const { idToken, refreshToken } = await issuer.tokens(client, user)
    expect(claimsOf(idToken)).toMatchObject({ email_verified: false, name: '홍길동' })
    const now = issuer.clock.now()
    await issuer.stores.users.change(user.id, { emailVerified: true, name: '성춘향' }, now)
    const { json } = await issuer.refresh(client, refreshToken)
    expect(claimsOf(String(json.id_token))).toMatchObject({ email_verified: true, name: '성춘향' })
    const userinfo = await issuer.bearer('/userinfo', String(json.access_token))
    expect(userinfo.json).toMatchObject({ email_verified: true, name: '성춘향' })
  })

  test('a replay inside the grace gets the current data of the user (B9)', async () => {
    const client = await issuer.client()
    const user = await issuer.user({ onboarded: true })
    const { refreshToken } = await issuer.tokens(client, user)
    await issuer.refresh(client, refreshToken)
    await issuer.stores.users.change(user.id, { onboarded: false }, issuer.clock.now())
    const { json } = await issuer.refresh(client, refreshToken)
    expect(claimsOf(String(json.access_token)).onboarded).toBe(false)
  })
})

describe('features that the issuer does not offer', () => {
  const metadata = async () => (await issuer.send('/.well-known/openid-configuration')).json

  test.each([
    '/par',
    '/as/par',
    '/device_authorization',
    '/device',
    '/token/exchange',
    '/bc-authorize',
    '/backchannel-authentication',
  ])('%s does not exist (A25)', async (path) => {
    expect((await issuer.form(path, {})).status).toBe(404)
  })

  test('the metadata names no pushed requests, device flow, CIBA or token exchange (A25)', async () => {
    const document = await metadata()
    expect(Object.keys(document).filter((name) => /pushed|device|backchannel|ciba/.test(name))).toEqual([])
    expect(document.grant_types_supported).not.toContain('urn:ietf:params:oauth:grant-type:token-exchange')
    expect(document.request_uri_parameter_supported).toBe(false)
  })

  test('/authorize rejects request_uri with request_uri_not_supported (A25)', async () => {
    const client = await issuer.client()
    const request_uri = 'urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c'
    expect(await errorOf(client, { request_uri })).toBe('request_uri_not_supported')
  })

  test('the token endpoint ignores a DPoP proof and issues a Bearer token (B15)', async () => {
    expect(await metadata()).not.toHaveProperty('dpop_signing_alg_values_supported')
    const client = await issuer.client({ grants: ['client_credentials'], scopes: [] })
    const fields = { grant_type: 'client_credentials', ...credentialsOf(client) }
    const { status, headers, json } = await issuer.form('/token', fields, { dpop: 'e30.e30.e30' })
    expect([status, json.token_type]).toEqual([200, 'Bearer'])
    expect(claimsOf(String(json.access_token))).not.toHaveProperty('cnf')
    expect(headers.get('dpop-nonce')).toBeNull()
  })

  test('resource endpoints reject a token with the DPoP scheme (B15)', async () => {
    const { accessToken } = await issuer.tokens(await issuer.client(), await issuer.user())
    for (const path of ['/userinfo', '/api/users/me']) {
      const headers = { authorization: `DPoP ${accessToken}`, dpop: 'e30.e30.e30' }
      const answer = await issuer.send(path, { headers })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    }
  })
})

import { describe, expect, test } from 'vitest'
import type { Browser } from '../../harness/browser.ts'
import { eventTypes } from '../support/audit-events.ts'
import {
  claimsOf,
  headerOf,
  type TestClient,
  type TestIssuer,
  type Tokens,
  testIssuer,
} from '../support/issuer.ts'
import { sharedIssuer } from '../support/shared-issuer.ts'

const issuer = sharedIssuer()

const signedIn = async (facts: Parameters<TestIssuer['client']>[0] = {}) => {
  const [client, user] = [await issuer.client(facts), await issuer.user()]
  const agent = issuer.browser()
  const tokens = await issuer.tokens(client, user, {}, agent)
  const family = await issuer.stores.refreshTokens.find(String(claimsOf(tokens.accessToken).sid))
  return { client, user, agent, tokens, sessionId: family?.sessionId ?? '' }
}

const isSignedIn = async (agent: Browser) => (await agent.get('/account')).status === 200

const isAlive = async (client: TestClient, tokens: Tokens) => {
  const introspected = await issuer.form('/introspect', {
    token: tokens.accessToken,
    client_id: client.id,
    client_secret: client.secret ?? '',
  })
  return {
    accessToken: (await issuer.bearer('/userinfo', tokens.accessToken)).status === 200,
    introspection: introspected.json.active,
    refreshToken: (await issuer.refresh(client, tokens.refreshToken)).status === 200,
  }
}

const dead = { accessToken: false, introspection: false, refreshToken: false }
const alive = { accessToken: true, introspection: true, refreshToken: true }

/** The same browser, as a thief has it who copied its cookies before. */
const withOldCookies = (cookies: ReadonlyMap<string, string>): Browser => {
  const thief = issuer.browser()
  for (const [name, value] of cookies) thief.cookies.set(name, value)
  return thief
}

describe('POST /api/logout', () => {
  test('ends the session on the server, its families and the access token (E2)', async () => {
    const { client, agent, tokens, sessionId } = await signedIn()
    const thief = withOldCookies(agent.cookies)
    expect((await issuer.bearer('/api/logout', tokens.accessToken, 'POST')).status).toBe(204)
    expect(await isAlive(client, tokens)).toEqual(dead)
    expect(await isSignedIn(agent)).toBe(false)
    expect(await isSignedIn(thief)).toBe(false)
    expect(await issuer.stores.sessions.find(sessionId)).toBeUndefined()
    expect(eventTypes(issuer, sessionId)).toContain('logout')
  })

  test('every other client of the same sign-in is logged out too (E2)', async () => {
    const { user, agent, tokens } = await signedIn()
    const other = await issuer.client()
    const others = await issuer.tokens(other, user, {}, agent)
    await issuer.bearer('/api/logout', tokens.accessToken, 'POST')
    expect(await isAlive(other, others)).toEqual(dead)
  })

  test('another sign-in of the same person goes on (E2)', async () => {
    const { client, user, tokens } = await signedIn()
    const elsewhere = await issuer.tokens(client, user)
    await issuer.bearer('/api/logout', tokens.accessToken, 'POST')
    expect(await isAlive(client, elsewhere)).toEqual(alive)
  })

  test('a sign-in through /api/token ends, and its cookie is taken back (E2)', async () => {
    const user = await issuer.user()
    const credentials = { email: user.email, password: user.password }
    const { json, headers } = await issuer.json('/api/token', { ...credentials, delivery: 'cookie' })
    const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const left = await issuer.bearer('/api/logout/', String(json.access), 'POST')
    expect(left.status).toBe(204)
    expect(left.headers.getSetCookie()[0]).toMatch(/^__Host-dojang_refresh=;/)
    expect((await issuer.json('/api/token/refresh', {}, { cookie })).status).toBe(401)
    expect((await issuer.bearer('/api/users/me', String(json.access))).status).toBe(401)
  })

  test('a token that was refreshed away ends with the rest (E2)', async () => {
    const { client, tokens } = await signedIn()
    const { json } = await issuer.refresh(client, tokens.refreshToken)
    await issuer.bearer('/api/logout', String(json.access_token), 'POST')
    expect(await isAlive(client, tokens)).toEqual(dead)
  })

  test('the second time there is nobody left to log out (E2)', async () => {
    const { tokens } = await signedIn()
    await issuer.bearer('/api/logout', tokens.accessToken, 'POST')
    const again = await issuer.bearer('/api/logout', tokens.accessToken, 'POST')
    expect(again.status).toBe(401)
    expect(again.headers.get('www-authenticate')).toContain('invalid_token')
  })
})

describe('/end-session', () => {
  const hintPath = (tokens: Tokens, more: Record<string, string> = {}) =>
    `/end-session?${new URLSearchParams({ id_token_hint: tokens.idToken, ...more })}`

  test('with the client’s hint it ends session, families and access tokens, and leads back (E2)', async () => {
    const { client, agent, tokens, sessionId } = await signedIn()
    const thief = withOldCookies(agent.cookies)
    const page = await agent.get(
      hintPath(tokens, { post_logout_redirect_uri: 'https://app.example/bye', state: 's1' }),
    )
    expect(page.location?.href).toBe('https://app.example/bye?state=s1')
    expect(agent.cookies.has('__Host-dojang_session')).toBe(false)
    expect(await isAlive(client, tokens)).toEqual(dead)
    expect(await isSignedIn(thief)).toBe(false)
    expect(await issuer.stores.sessions.find(sessionId)).toBeUndefined()
  })

  test('an ID token that has long expired is still a hint (A21)', async () => {
    const { client, agent, tokens } = await signedIn()
    issuer.clock.advance(86_400)
    await agent.get(hintPath(tokens))
    expect((await issuer.refresh(client, tokens.refreshToken)).status).toBe(400)
    expect(await isSignedIn(agent)).toBe(false)
  })

  test('without a hint the person is asked, and only a yes ends it (A21)', async () => {
    const { client, agent, tokens } = await signedIn()
    const page = await agent.get('/end-session')
    expect(page.status).toBe(200)
    expect(page.body).toContain('name="confirm"')
    expect(await isSignedIn(agent)).toBe(true)
    const thief = withOldCookies(agent.cookies)
    await agent.submit('/end-session', { confirm: 'yes' })
    expect(await isSignedIn(thief)).toBe(false)
    expect(await isAlive(client, tokens)).toEqual(dead)
  })

  test('somebody else’s hint does not log this browser out without asking (E2)', async () => {
    const [mine, theirs] = [await signedIn(), await signedIn()]
    const page = await mine.agent.get(hintPath(theirs.tokens))
    expect(page.status).toBe(200)
    expect(await isSignedIn(mine.agent)).toBe(true)
    expect(await isSignedIn(theirs.agent)).toBe(true)
  })

  test.each([
    ['another path', 'https://app.example/bye/more'],
    ['a slash more', 'https://app.example/bye/'],
    ['a query more', 'https://app.example/bye?x=1'],
    ['capitals', 'https://APP.example/bye'],
    ['only its beginning', 'https://app.example/'],
    ['another host', 'https://evil.example/bye'],
    ['a redirect URI, which is not registered for this', 'https://app.example/callback'],
    ['a script', 'javascript:alert(1)'],
  ])('the way back must be registered, byte for byte: %s (A21)', async (_what, uri) => {
    const { agent, tokens } = await signedIn()
    const page = await agent.get(hintPath(tokens, { post_logout_redirect_uri: uri }))
    expect(page.status).toBe(200)
    expect(page.location).toBeUndefined()
    expect(page.body).not.toContain('evil.example')
    expect(await isSignedIn(agent)).toBe(false)
  })

  test('the way back is the client’s that the hint names, not another’s (A21)', async () => {
    const { agent, tokens } = await signedIn()
    const other = await issuer.client({ postLogoutRedirectUris: ['https://other.example/bye'] })
    const page = await agent.get(
      hintPath(tokens, { post_logout_redirect_uri: 'https://other.example/bye', client_id: other.id }),
    )
    expect(page.location).toBeUndefined()
  })

  test('a hint that is not ours asks, and leads nowhere (A21)', async () => {
    const { client, agent, tokens } = await signedIn()
    const [head, payload] = tokens.idToken.split('.')
    const broken = [`${head}.${payload}.`, `${head}.${payload}.${'A'.repeat(342)}`, 'x', tokens.accessToken]
    for (const id_token_hint of broken) {
      const query = new URLSearchParams({
        ...{ id_token_hint, client_id: client.id, post_logout_redirect_uri: 'https://app.example/bye' },
      })
      const page = await agent.get(`/end-session?${query}`)
      expect(page.status).toBe(200)
      expect(page.body).toContain('name="confirm"')
    }
    expect(await isAlive(client, tokens)).toEqual(alive)
  })

  test('asked and confirmed, the person goes back to the client that was named (A21)', async () => {
    const { client, agent } = await signedIn()
    const asked = { client_id: client.id, post_logout_redirect_uri: 'https://app.example/bye', state: 's' }
    const page = await agent.get(`/end-session?${new URLSearchParams(asked)}`)
    expect(page.body).toContain('name="confirm"')
    const left = await agent.submit('/end-session', { ...asked, confirm: 'yes' })
    expect(left.location?.href).toBe('https://app.example/bye?state=s')
    expect(await isSignedIn(agent)).toBe(false)
  })

  test('a client may ask by POST, as OpenID Connect lets it (A21)', async () => {
    const { client, agent, tokens } = await signedIn()
    const fields = { id_token_hint: tokens.idToken, post_logout_redirect_uri: 'https://app.example/bye' }
    const page = await agent.submit('/end-session', fields, {
      ...{ origin: 'https://app.example', 'sec-fetch-site': 'cross-site' },
    })
    expect(page.location?.href).toBe('https://app.example/bye')
    expect(await isAlive(client, tokens)).toEqual(dead)
  })

  test('a repeated parameter counts as none (A21)', async () => {
    const { agent, tokens } = await signedIn()
    const twice = `${hintPath(tokens)}&post_logout_redirect_uri=https://app.example/bye`
    const page = await agent.get(`${twice}&post_logout_redirect_uri=https://evil.example`)
    expect(page.location).toBeUndefined()
    expect(page.status).toBe(200)
  })

  const publishedKids = async (own: TestIssuer) =>
    ((await own.send('/.well-known/jwks.json')).json.keys as { kid: string }[]).map(({ kid }) => kid)

  test('an ID token whose key has left the JWKS is a hint still (D8)', async () => {
    const own = await testIssuer()
    const [client, user, agent] = [await own.client(), await own.user(), own.browser()]
    const tokens = await own.tokens(client, user, {}, agent)
    await own.app.operations['keys.rotate']({ inSeconds: 0, force: true })
    own.clock.advance(3 * 86_400)
    await own.app.keyRing.load()
    expect(await publishedKids(own)).not.toContain(headerOf(tokens.idToken).kid)
    const page = await agent.get(
      hintPath(tokens, { post_logout_redirect_uri: 'https://app.example/bye', state: 's' }),
    )
    expect(page.location?.href).toBe('https://app.example/bye?state=s')
    expect((await own.refresh(client, tokens.refreshToken)).json.error).toBe('invalid_grant')
    await own.close()
  })

  test('one whose key was revoked is none: whoever stole the key logs nobody out (D11)', async () => {
    const own = await testIssuer()
    const [client, user, agent] = [await own.client(), await own.user(), own.browser()]
    const tokens = await own.tokens(client, user, {}, agent)
    await own.app.operations['keys.revoke']({ kid: String(headerOf(tokens.idToken).kid) })
    const page = await agent.get(hintPath(tokens))
    expect(page.status).toBe(200)
    expect(page.body).toContain('name="confirm"')
    expect((await agent.get('/account')).status).toBe(200)
    await own.close()
  })

  test('back-channel logout is not there, and not promised (A21)', async () => {
    const { json } = await issuer.send('/.well-known/openid-configuration')
    expect(Object.keys(json).filter((name) => /^(back|front)channel_logout/.test(name))).toEqual([])
  })

  test('a yes from another site is no yes (E2)', async () => {
    const { agent } = await signedIn()
    await agent.submit(
      '/end-session',
      { confirm: 'yes' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    )
    expect(await isSignedIn(agent)).toBe(true)
  })
})

describe('POST /revoke', () => {
  const revoke = (client: TestClient, token: string, more: Record<string, string> = {}) =>
    issuer.form('/revoke', { token, client_id: client.id, client_secret: client.secret ?? '', ...more })

  test('a refresh token takes its family and every live access token along, not the session (E2)', async () => {
    const { client, agent, user, tokens } = await signedIn()
    const other = await issuer.client()
    const others = await issuer.tokens(other, user, {}, agent)
    const { json } = await issuer.refresh(client, tokens.refreshToken)
    expect((await revoke(client, String(json.refresh_token))).status).toBe(200)
    expect(await isAlive(client, tokens)).toEqual(dead)
    expect((await issuer.bearer('/userinfo', String(json.access_token))).status).toBe(401)
    expect(await isAlive(other, others)).toEqual(alive)
    expect(await isSignedIn(agent)).toBe(true)
  })

  test('an old refresh token of the family is enough to log out with (E2)', async () => {
    const { client, tokens } = await signedIn()
    const { json } = await issuer.refresh(client, tokens.refreshToken)
    await revoke(client, tokens.refreshToken, { token_type_hint: 'access_token' })
    expect((await issuer.refresh(client, String(json.refresh_token))).json.error).toBe('invalid_grant')
  })

  test('another client’s token is left alone, and the answer does not tell (E2)', async () => {
    const { client, tokens } = await signedIn()
    const stranger = await issuer.client()
    for (const token of [tokens.refreshToken, tokens.accessToken]) {
      const answer = await revoke(stranger, token)
      expect([answer.status, answer.body]).toEqual([200, ''])
    }
    expect(await isAlive(client, tokens)).toEqual(alive)
  })
})

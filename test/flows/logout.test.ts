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
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

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

/** A browser of a thief who copied the cookies before the logout. */
const withOldCookies = (cookies: ReadonlyMap<string, string>): Browser => {
  const thief = issuer.browser()
  for (const [name, value] of cookies) thief.cookies.set(name, value)
  return thief
}

describe('POST /api/logout', () => {
  test('POST /api/logout ends the session, its families and its access token (E2)', async () => {
    const { client, agent, tokens, sessionId } = await signedIn()
    const thief = withOldCookies(agent.cookies)
    expect((await issuer.bearer('/api/logout', tokens.accessToken, 'POST')).status).toBe(204)
    expect(await isAlive(client, tokens)).toEqual(dead)
    expect(await isSignedIn(agent)).toBe(false)
    expect(await isSignedIn(thief)).toBe(false)
    expect(await issuer.stores.sessions.find(sessionId)).toBeUndefined()
    expect(eventTypes(issuer, sessionId)).toContain('logout')
  })

  test('POST /api/logout ends the tokens of every other client of the same session (E2)', async () => {
    const { user, agent, tokens } = await signedIn()
    const other = await issuer.client()
    const others = await issuer.tokens(other, user, {}, agent)
    await issuer.bearer('/api/logout', tokens.accessToken, 'POST')
    expect(await isAlive(other, others)).toEqual(dead)
  })

  test('POST /api/logout does not end another session of the same user (E2)', async () => {
    const { client, user, tokens } = await signedIn()
    const elsewhere = await issuer.tokens(client, user)
    await issuer.bearer('/api/logout', tokens.accessToken, 'POST')
    expect(await isAlive(client, elsewhere)).toEqual(alive)
  })

  test('POST /api/logout ends a sign-in of /api/token and clears its cookie (E2)', async () => {
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

  test('POST /api/logout also ends the tokens before the last refresh (E2)', async () => {
    const { client, tokens } = await signedIn()
    const { json } = await issuer.refresh(client, tokens.refreshToken)
    await issuer.bearer('/api/logout', String(json.access_token), 'POST')
    expect(await isAlive(client, tokens)).toEqual(dead)
  })

  test('a second POST /api/logout with the same token gets 401 invalid_token (E2)', async () => {
    const { tokens } = await signedIn()
    await issuer.bearer('/api/logout', tokens.accessToken, 'POST')
    const again = await issuer.bearer('/api/logout', tokens.accessToken, 'POST')
    expect(again.status).toBe(401)
    expect(again.headers.get('www-authenticate')).toContain('invalid_token')
  })
})

describe('POST /api/logout with a refresh token', () => {
  const signIn = async (more: Record<string, string> = {}) => {
    const { email, password } = await issuer.user()
    const { json, headers } = await issuer.json('/api/token', { email, password, ...more })
    const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? ''
    return { access: String(json.access), refresh: String(json.refresh), cookie }
  }
  const logout = (body: unknown, headers: Record<string, string> = {}) =>
    issuer.json('/api/logout', body, headers)
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const expectEnded = async ({ access, refresh }: { access: string; refresh: string }) => {
    expect((await issuer.bearer('/api/users/me', access)).status).toBe(401)
    expect((await issuer.json('/api/token/refresh', { refresh })).status).toBe(401)
  }

  test('POST /api/logout works with the refresh token alone, by its name in OAuth too, as JSON or form (E2)', async () => {
    for (const name of ['refresh', 'refresh_token'])
      for (const send of [issuer.json, issuer.form]) {
        const tokens = await signIn()
        expect((await send('/api/logout', { [name]: tokens.refresh })).status).toBe(204)
        await expectEnded(tokens)
      }
  })

  test('POST /api/logout works with an expired access token and the refresh token (E2)', async () => {
    const tokens = await signIn()
    issuer.clock.advance(3600)
    expect((await logout({}, bearer(tokens.access))).status).toBe(401)
    const left = await logout({ refresh: tokens.refresh }, bearer(tokens.access))
    expect([left.status, left.headers.get('www-authenticate')]).toEqual([204, null])
    await expectEnded(tokens)
  })

  test('POST /api/logout works with an older refresh token, and again if its answer was lost (E2)', async () => {
    const { refresh } = await signIn()
    const { json } = await issuer.json('/api/token/refresh', { refresh })
    expect((await logout({ refresh })).status).toBe(204)
    expect((await logout({ refresh })).status).toBe(204)
    await expectEnded({ access: String(json.access), refresh: String(json.refresh) })
  })

  test('POST /api/logout ends the session of each token if they belong to two sign-ins (E2)', async () => {
    const [one, two] = [await signIn(), await signIn()]
    expect((await logout({ refresh: two.refresh }, bearer(one.access))).status).toBe(204)
    await expectEnded(one)
    await expectEnded(two)
  })

  test('POST /api/logout with the access token ends the session even if the refresh token is invalid (E2)', async () => {
    const tokens = await signIn()
    expect((await logout({ refresh: 'drt_x' }, bearer(tokens.access))).status).toBe(204)
    await expectEnded(tokens)
  })

  test('POST /api/logout rejects forged and expired refresh tokens (E2)', async () => {
    const { refresh, access } = await signIn()
    const changed = refresh.endsWith('A') ? 'B' : 'A'
    for (const token of ['x', `${refresh}x`, refresh.replace(/.$/, changed), access])
      expect((await logout({ refresh: token })).status, token).toBe(401)
    expect((await logout({ refresh: [refresh] })).status).toBe(400)
    expect((await issuer.json('/api/token/refresh', { refresh })).status).toBe(200)
    issuer.clock.advance(400 * 86_400)
    expect((await logout({ refresh })).status).toBe(401)
  })

  test('POST /api/logout rejects the refresh token of a third-party client (E2)', async () => {
    const [client, user] = [await issuer.client({ firstParty: false }), await issuer.user()]
    const grantedAt = issuer.clock.now()
    const consent = { userId: user.id, clientId: client.id, scopes: client.scopes, grantedAt }
    await issuer.stores.consents.grant(consent)
    const { refreshToken } = await issuer.tokens(client, user)
    const answer = await logout({ refresh: refreshToken })
    expect([answer.status, answer.json.code]).toEqual([403, 'first_party_only'])
    expect((await issuer.refresh(client, refreshToken)).status).toBe(200)
  })

  test('POST /api/logout takes the refresh token from the cookie only for pages of the issuer (E2)', async () => {
    const { cookie } = await signIn({ delivery: 'cookie' })
    const site = { 'sec-fetch-site': 'same-site', origin: 'https://sub.example' }
    expect((await logout({}, { cookie, ...site })).status).toBe(401)
    const own = { 'sec-fetch-site': 'same-origin', origin: issuer.url }
    const left = await logout({}, { cookie, ...own })
    expect(left.status).toBe(204)
    expect(left.headers.getSetCookie()[0]).toMatch(/^__Host-dojang_refresh=;/)
    expect((await issuer.json('/api/token/refresh', {}, { cookie })).status).toBe(401)
  })

  test('an empty body of any content type is an empty body at POST /api/logout (E2)', async () => {
    const types = ['text/plain', 'application/json', 'multipart/form-data', 'application/xml']
    for (const type of [...types, 'application/x-www-form-urlencoded']) {
      const { access } = await signIn()
      const headers = { ...bearer(access), 'content-type': type }
      const left = await issuer.send('/api/logout', { method: 'POST', body: '', headers })
      expect(left.status, type).toBe(204)
    }
    const headers = { 'content-type': 'text/plain' }
    expect((await issuer.send('/api/logout', { method: 'POST', body: '{}', headers })).status).toBe(415)
  })
})

describe('/end-session', () => {
  const hintPath = (tokens: Tokens, more: Record<string, string> = {}) =>
    `/end-session?${new URLSearchParams({ id_token_hint: tokens.idToken, ...more })}`

  test('/end-session with a hint ends session, families and access tokens and redirects to the client (E2)', async () => {
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

  test('/end-session without a cookie, with the hint of a third-party client, ends only that client’s tokens (E2, A21)', async () => {
    const { client, user, agent, tokens } = await signedIn()
    const other = await issuer.client({ firstParty: false })
    const grantedAt = issuer.clock.now()
    await issuer.stores.consents.grant({
      userId: user.id,
      clientId: other.id,
      scopes: other.scopes,
      grantedAt,
    })
    const theirs = await issuer.tokens(other, user, {}, agent)
    issuer.clock.advance(5 * 86_400)
    await issuer.send(`/end-session?id_token_hint=${theirs.idToken}`)
    expect((await issuer.refresh(other, theirs.refreshToken)).status).toBe(400)
    expect((await issuer.refresh(client, tokens.refreshToken)).status).toBe(200)
    expect(await isSignedIn(agent)).toBe(true)
  })

  test('/end-session with the hint of a third-party client ends the session of the browser that is signed in (E2)', async () => {
    const { user, agent, sessionId } = await signedIn()
    const other = await issuer.client({ firstParty: false })
    const grantedAt = issuer.clock.now()
    const consent = { userId: user.id, clientId: other.id, scopes: other.scopes, grantedAt }
    await issuer.stores.consents.grant(consent)
    const path = hintPath(await issuer.tokens(other, user, {}, agent))
    const copy = withOldCookies(agent.cookies)
    await agent.get(path)
    expect(await isSignedIn(copy)).toBe(false)
    expect(eventTypes(issuer, sessionId)).toContain('logout')
  })

  test('/end-session ends no session by a GET, or by an own form without the confirmation (A21)', async () => {
    const { agent } = await signedIn()
    const page = await agent.get('/end-session?confirm=yes', { 'sec-fetch-site': 'same-origin' })
    expect(page.body).toContain('name="confirm"')
    expect((await agent.submit('/end-session', {})).body).toContain('name="confirm"')
    expect(await isSignedIn(agent)).toBe(true)
  })

  test('/end-session without a session still sends the browser to the client of the hint, or after the confirmation (A21)', async () => {
    const { client, agent, tokens } = await signedIn()
    const back = { post_logout_redirect_uri: 'https://app.example/bye' }
    await agent.get(hintPath(tokens))
    const stranger = issuer.browser()
    expect((await stranger.get(hintPath(tokens, back))).location?.href).toBe('https://app.example/bye')
    const crossSite = { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }
    const posted = await stranger.submit(
      '/end-session',
      { id_token_hint: tokens.idToken, ...back },
      crossSite,
    )
    expect(posted.location?.href).toBe('https://app.example/bye')
    const asked = { client_id: client.id, ...back }
    const confirmed = await stranger.submit('/end-session', { ...asked, confirm: 'yes' })
    expect(confirmed.location?.href).toBe('https://app.example/bye')
    const unconfirmed = await stranger.submit('/end-session', asked)
    expect([unconfirmed.status, unconfirmed.location]).toEqual([200, undefined])
    const opened = await stranger.get(`/end-session?${new URLSearchParams(asked)}`)
    expect([opened.status, opened.location]).toEqual([200, undefined])
  })

  test('/end-session does not redirect if client_id is not the client of the hint (A21)', async () => {
    const { agent, tokens } = await signedIn()
    const other = await issuer.client()
    const back = { post_logout_redirect_uri: 'https://app.example/bye', client_id: other.id }
    expect((await agent.get(hintPath(tokens, back))).location).toBeUndefined()
  })

  test('/end-session redirects if client_id is the client of the hint (A21)', async () => {
    const { client, agent, tokens } = await signedIn()
    const uri = 'https://app.example/bye'
    const page = await agent.get(hintPath(tokens, { post_logout_redirect_uri: uri, client_id: client.id }))
    expect(page.location?.href).toBe(uri)
  })

  test('the page that asks for the confirmation repeats no parameter of a rejected redirect URI (A21)', async () => {
    const { client, agent } = await signedIn()
    const ask = (uri: string) =>
      agent.get(
        `/end-session?${new URLSearchParams({ client_id: client.id, post_logout_redirect_uri: uri, state: 's7' })}`,
      )
    const accepted = await ask('https://app.example/bye')
    expect(accepted.body).toMatch(/value="https:\/\/app\.example\/bye"[\s\S]*value="s7"/)
    const rejected = await ask('https://evil.example/bye')
    expect(rejected.status).toBe(200)
    for (const text of ['evil.example', 'value="s7"', client.id]) expect(rejected.body).not.toContain(text)
  })

  test('/end-session accepts an expired ID token as a hint (A21)', async () => {
    const { client, agent, tokens } = await signedIn()
    issuer.clock.advance(86_400)
    await agent.get(hintPath(tokens))
    expect((await issuer.refresh(client, tokens.refreshToken)).status).toBe(400)
    expect(await isSignedIn(agent)).toBe(false)
  })

  test('/end-session without a hint asks the user and ends the session only after confirmation (A21)', async () => {
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

  test('the page after a logout exists in the other language', async () => {
    const { agent } = await signedIn()
    const done = await agent.submit('/end-session', { confirm: 'yes' })
    const path = /href="([^"]*)" lang="ko"/.exec(done.body)?.[1] ?? ''
    const other = await agent.get(path)
    expect(other.status).toBe(200)
    expect(other.body).toContain('로그아웃했어요')
  })

  test('the page after a logout has no language link if the session of the browser may live on', async () => {
    const { user, agent } = await signedIn()
    const other = await issuer.client({ firstParty: false })
    const grantedAt = issuer.clock.now()
    const consent = { userId: user.id, clientId: other.id, scopes: other.scopes, grantedAt }
    await issuer.stores.consents.grant(consent)
    const { idToken } = await issuer.tokens(other, user, {}, agent)
    // The browser omits the cookies from a cross-site POST.
    const crossSite = { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }
    for (const _ of ['ends the family', 'finds no family']) {
      const done = await issuer.browser().submit('/end-session', { id_token_hint: idToken }, crossSite)
      expect(done.status).toBe(200)
      expect(done.body).toContain('You’re signed out')
      expect(done.body).not.toContain('class="language"')
    }
    expect((await agent.get('/end-session')).body).toContain('name="confirm"')
    expect((await issuer.browser().get('/end-session')).body).toContain('class="language"')
  })

  test('/end-session does not end a session that the hint does not belong to (E2)', async () => {
    const [own, other] = [await signedIn(), await signedIn()]
    const page = await own.agent.get(hintPath(other.tokens))
    expect(page.status).toBe(200)
    expect(await isSignedIn(own.agent)).toBe(true)
    expect(await isSignedIn(other.agent)).toBe(true)
  })

  test.each([
    ['another path', 'https://app.example/bye/more'],
    ['an additional slash', 'https://app.example/bye/'],
    ['an additional query', 'https://app.example/bye?x=1'],
    ['capitals in the host', 'https://APP.example/bye'],
    ['only the start of the registered URI', 'https://app.example/'],
    ['another host', 'https://evil.example/bye'],
    ['a redirect URI for sign-in', 'https://app.example/callback'],
    ['a script', 'javascript:alert(1)'],
  ])('/end-session rejects an unregistered post_logout_redirect_uri: %s (A21)', async (_difference, uri) => {
    const { agent, tokens } = await signedIn()
    const page = await agent.get(hintPath(tokens, { post_logout_redirect_uri: uri }))
    expect(page.status).toBe(200)
    expect(page.location).toBeUndefined()
    expect(page.body).not.toContain('evil.example')
    expect(await isSignedIn(agent)).toBe(false)
  })

  test('/end-session redirects only to a URI of the client that the hint names (A21)', async () => {
    const { agent, tokens } = await signedIn()
    const other = await issuer.client({ postLogoutRedirectUris: ['https://other.example/bye'] })
    const page = await agent.get(
      hintPath(tokens, { post_logout_redirect_uri: 'https://other.example/bye', client_id: other.id }),
    )
    expect(page.location).toBeUndefined()
  })

  test('/end-session with an invalid hint asks the user and does not redirect (A21)', async () => {
    const { client, agent, tokens } = await signedIn()
    const [head, payload] = tokens.idToken.split('.')
    const broken = [`${head}.${payload}.`, `${head}.${payload}.${'A'.repeat(342)}`, 'x', tokens.accessToken]
    for (const id_token_hint of broken) {
      const query = new URLSearchParams({
        id_token_hint,
        client_id: client.id,
        post_logout_redirect_uri: 'https://app.example/bye',
      })
      const page = await agent.get(`/end-session?${query}`)
      expect(page.status).toBe(200)
      expect(page.body).toContain('name="confirm"')
    }
    expect(await isAlive(client, tokens)).toEqual(alive)
  })

  test('/end-session redirects to the named client after the user confirmed (A21)', async () => {
    const { client, agent } = await signedIn()
    const asked = { client_id: client.id, post_logout_redirect_uri: 'https://app.example/bye', state: 's' }
    const page = await agent.get(`/end-session?${new URLSearchParams(asked)}`)
    expect(page.body).toContain('name="confirm"')
    const left = await agent.submit('/end-session', { ...asked, confirm: 'yes' })
    expect(left.location?.href).toBe('https://app.example/bye?state=s')
    expect(await isSignedIn(agent)).toBe(false)
  })

  test('/end-session accepts a POST from a client (OIDC RP-Initiated Logout §2) (A21)', async () => {
    const { client, agent, tokens } = await signedIn()
    const fields = { id_token_hint: tokens.idToken, post_logout_redirect_uri: 'https://app.example/bye' }
    const page = await agent.submit('/end-session', fields, {
      origin: 'https://app.example',
      'sec-fetch-site': 'cross-site',
    })
    expect(page.location?.href).toBe('https://app.example/bye')
    expect(await isAlive(client, tokens)).toEqual(dead)
  })

  test('/end-session does not redirect if post_logout_redirect_uri is repeated (A21)', async () => {
    const { agent, tokens } = await signedIn()
    const twice = `${hintPath(tokens)}&post_logout_redirect_uri=https://app.example/bye`
    const page = await agent.get(`${twice}&post_logout_redirect_uri=https://evil.example`)
    expect(page.location).toBeUndefined()
    expect(page.status).toBe(200)
  })

  const publishedKids = async (own: TestIssuer) =>
    ((await own.send('/.well-known/jwks.json')).json.keys as { kid: string }[]).map(({ kid }) => kid)

  test('/end-session accepts a hint whose key has left the JWKS (D8)', async () => {
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

  test('/end-session rejects a hint whose key was revoked (D11)', async () => {
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

  test('the metadata announces no back-channel or front-channel logout (A21)', async () => {
    const { json } = await issuer.send('/.well-known/openid-configuration')
    expect(Object.keys(json).filter((name) => /^(back|front)channel_logout/.test(name))).toEqual([])
  })

  test('a confirmation from another site does not end the session (E2)', async () => {
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

  test('revoking a refresh token ends its family and access tokens, but not the session (E2)', async () => {
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

  test('revoking an older refresh token ends the whole family (E2)', async () => {
    const { client, tokens } = await signedIn()
    const { json } = await issuer.refresh(client, tokens.refreshToken)
    await revoke(client, tokens.refreshToken, { token_type_hint: 'access_token' })
    expect((await issuer.refresh(client, String(json.refresh_token))).json.error).toBe('invalid_grant')
  })

  test('revoking another client’s token answers 200 and changes nothing (E2)', async () => {
    const { client, tokens } = await signedIn()
    const stranger = await issuer.client()
    for (const token of [tokens.refreshToken, tokens.accessToken]) {
      const answer = await revoke(stranger, token)
      expect([answer.status, answer.body]).toEqual([200, ''])
    }
    expect(await isAlive(client, tokens)).toEqual(alive)
  })
})

// What is in the tokens, and what each of them is good for.
import { createHash } from 'node:crypto'
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { claimsOf, headerOf, redirectUri, type TestIssuer, testIssuer } from '../support/issuer.ts'

const orders = 'https://orders.example'
const billing = 'https://billing.example'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await testIssuer()
})
afterAll(() => issuer.close())

const signedIn = async (params: Record<string, string> = {}) => {
  const client = await issuer.client({ audiences: [orders, billing] })
  const user = await issuer.user({ name: '홍길동', username: `hong${Math.random().toString(36).slice(2)}` })
  return { client, user, ...(await issuer.tokens(client, user, params)) }
}

describe('an access token', () => {
  test('has the header alg, typ and kid, and no other (B1)', async () => {
    const { accessToken } = await signedIn()
    const header = headerOf(accessToken)
    expect(Object.keys(header).sort()).toEqual(['alg', 'kid', 'typ'])
    expect(header).toMatchObject({ alg: 'RS256', typ: 'at+jwt' })
  })

  test('has every claim of RFC 9068, none of them null (B2)', async () => {
    const { client, user, accessToken } = await signedIn({ scope: 'openid email' })
    const claims = claimsOf(accessToken)
    expect(claims).toMatchObject({
      iss: issuer.config.issuer,
      sub: user.id,
      aud: issuer.config.defaultAudience,
      client_id: client.id,
      scope: 'openid email',
    })
    for (const name of ['exp', 'iat', 'auth_time']) expect(Number.isInteger(claims[name]), name).toBe(true)
    for (const name of ['jti', 'sid']) expect(String(claims[name]).length).toBeGreaterThanOrEqual(22)
    expect(Object.values(claims)).not.toContain(null)
  })

  test('has the claims of the contract and no other (B2)', async () => {
    const { accessToken } = await signedIn()
    expect(Object.keys(claimsOf(accessToken)).sort()).toEqual([
      'amr',
      'aud',
      'auth_time',
      'client_id',
      'exp',
      'iat',
      'iss',
      'jti',
      'onboarded',
      'roles',
      'scope',
      'scopes',
      'sid',
      'sub',
    ])
  })

  test('a machine’s has them too, and nothing of a person (B2)', async () => {
    const machine = await issuer.client({ grants: ['client_credentials'], scopes: [] })
    const { json } = await issuer.form('/token', {
      grant_type: 'client_credentials',
      client_id: machine.id,
      client_secret: machine.secret ?? '',
    })
    const claims = claimsOf(String(json.access_token))
    for (const name of ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti', 'scope'])
      expect(claims[name], name).toBeDefined()
    expect(claims.sub).toBe(machine.id)
    for (const name of ['sid', 'auth_time', 'amr', 'onboarded']) expect(claims).not.toHaveProperty(name)
    expect(json).not.toHaveProperty('refresh_token')
    expect(json).not.toHaveProperty('id_token')
  })

  test('is for the API that was asked for, never for the client, and another API refuses it (B3)', async () => {
    const { client, accessToken } = await signedIn({ resource: orders })
    expect(claimsOf(accessToken).aud).toBe(orders)
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer.url))
    const options = {
      issuer: issuer.config.issuer,
      typ: 'at+jwt',
      algorithms: ['RS256'],
      currentDate: issuer.clock.now(),
    }
    await expect(jwtVerify(accessToken, keys, { ...options, audience: orders })).resolves.toBeDefined()
    for (const audience of [billing, client.id, issuer.config.defaultAudience])
      await expect(jwtVerify(accessToken, keys, { ...options, audience })).rejects.toThrow(/aud/)
  })

  test('is never without an audience (B3)', async () => {
    const { accessToken } = await signedIn()
    expect(claimsOf(accessToken).aud).toBe(issuer.config.defaultAudience)
  })

  test('lives ten minutes, and expires_in tells the truth (B5)', async () => {
    const { accessToken, answer } = await signedIn()
    const { iat, exp } = claimsOf(accessToken)
    expect(Number(exp) - Number(iat)).toBe(600)
    expect(answer.json.expires_in).toBe(600)
  })

  test('longer than an hour does not start (B5)', () => {
    expect(() => readConfig({ ACCESS_TOKEN_TTL: '3601' })).toThrow(/ACCESS_TOKEN_TTL/)
    expect(readConfig({ ACCESS_TOKEN_TTL: '3600' }).accessTokenTtlSeconds).toBe(3600)
  })

  test('is never from the future (B6)', async () => {
    const { accessToken, idToken } = await signedIn()
    for (const token of [accessToken, idToken]) {
      const { iat, nbf } = claimsOf(token)
      expect(Number(iat) * 1000).toBeLessThanOrEqual(issuer.clock.now().getTime())
      expect(nbf).toBeUndefined()
    }
  })

  test('roles are an array of strings, onboarded a boolean; what a client sends changes neither (B8)', async () => {
    const client = await issuer.client()
    const user = await issuer.user({ onboarded: false })
    const { code, verifier } = await issuer.code(client, user, {
      roles: 'admin',
      onboarded: 'true',
      claims: '{"access_token":{"roles":null}}',
    })
    const { json } = await issuer.redeem(client, code, verifier, {
      roles: 'admin',
      onboarded: 'true',
      sub: 'usr_other',
    })
    const claims = claimsOf(String(json.access_token))
    expect(claims.roles).toEqual(['user'])
    expect(claims.onboarded).toBe(false)
    expect(claims.sub).toBe(user.id)
    expect(claims.scopes).toEqual(String(claims.scope).split(' '))
  })

  test('says which sign-in, when and how (B10)', async () => {
    const { accessToken } = await signedIn()
    const { sid, auth_time, amr } = claimsOf(accessToken)
    expect(sid).toMatch(/^\S{22,}$/)
    expect(auth_time).toBe(Math.floor(issuer.clock.now().getTime() / 1000))
    expect(amr).toEqual(['pwd'])
  })

  test('names nobody unless an API asks for it, and stays small (B11)', async () => {
    const { user, accessToken } = await signedIn()
    const text = JSON.stringify(claimsOf(accessToken))
    expect(text).not.toContain(user.email)
    expect(text).not.toContain('홍길동')
    expect(accessToken.length).toBeLessThan(1500)
  })

  test('an API that asks for a fact gets it, and the other API does not (B11)', async () => {
    await issuer.app.operations['apis.create']({
      audience: orders,
      name: 'Orders',
      claims: ['username', 'email'],
    })
    const { user, accessToken } = await signedIn({ resource: orders })
    expect(claimsOf(accessToken)).toMatchObject({ email: user.email })
    const other = await signedIn({ resource: billing })
    expect(claimsOf(other.accessToken)).not.toHaveProperty('email')
  })
})

describe('one kind of token in the place of another', () => {
  test('an ID token opens no door of an access token, nor a refresh token (B4)', async () => {
    const { client, idToken, refreshToken, accessToken } = await signedIn()
    for (const path of ['/userinfo', '/api/users/me']) {
      for (const token of [idToken, refreshToken])
        expect((await issuer.bearer(path, token)).status, path).toBe(401)
    }
    const { json } = await issuer.form('/introspect', {
      token: idToken,
      client_id: client.id,
      client_secret: client.secret ?? '',
    })
    expect(json).toEqual({ active: false })
    expect((await issuer.refresh(client, accessToken)).json.error).toBe('invalid_grant')
    expect((await issuer.refresh(client, idToken)).json.error).toBe('invalid_grant')
  })

  test('an access token is no hint of who signed in, neither to log out nor to sign in silently (B4)', async () => {
    const { client, user, accessToken } = await signedIn()
    const agent = issuer.browser()
    await issuer.tokens(client, user, {}, agent)
    const query = new URLSearchParams({
      id_token_hint: accessToken,
      post_logout_redirect_uri: 'https://app.example/bye',
    })
    const page = await agent.get(`/end-session?${query}`)
    expect(page.status).toBe(200)
    expect((await agent.get('/account')).status).toBe(200)
    const silent = await issuer.authorize(client, { id_token_hint: accessToken, prompt: 'none' }, agent)
    expect(silent.location?.searchParams.get('error')).toBe('login_required')
  })

  test('the same claims under another typ, or another key, are refused (B4)', async () => {
    const { accessToken } = await signedIn()
    const { privateKey, publicKey } = await generateKeyPair('RS256')
    expect(await exportJWK(publicKey)).toBeDefined()
    for (const typ of ['JWT', 'at+jwt', 'logout+jwt', 'secevent+jwt']) {
      const forged = await new SignJWT(claimsOf(accessToken) as Record<string, never>)
        .setProtectedHeader({ alg: 'RS256', typ, kid: String(headerOf(accessToken).kid) })
        .sign(privateKey)
      const { status, headers } = await issuer.bearer('/userinfo', forged)
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
    }
  })
})

describe('an ID token', () => {
  test('has what OIDC demands, for the client alone (A19)', async () => {
    const { client, user, idToken, accessToken } = await signedIn({ nonce: 'n-0S6_WzA2Mj' })
    const claims = claimsOf(idToken)
    expect(headerOf(idToken).alg).toBe('RS256')
    expect(headerOf(idToken).typ).not.toBe('at+jwt')
    expect(claims).toMatchObject({
      iss: issuer.config.issuer,
      sub: user.id,
      aud: client.id,
      nonce: 'n-0S6_WzA2Mj',
    })
    const half = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url')
    expect(claims.at_hash).toBe(half)
    expect(Number(claims.exp)).toBeGreaterThan(Number(claims.iat))
    expect(Number.isInteger(claims.auth_time)).toBe(true)
  })

  test('no nonce that was not sent; a refreshed one has none (A19)', async () => {
    const { idToken } = await signedIn()
    expect(claimsOf(idToken)).not.toHaveProperty('nonce')
    const { client, refreshToken, user } = await signedIn({ nonce: 'abc' })
    const { json } = await issuer.refresh(client, refreshToken)
    expect(claimsOf(String(json.id_token))).toMatchObject({ sub: user.id, aud: client.id })
    expect(claimsOf(String(json.id_token))).not.toHaveProperty('nonce')
  })

  test('is not there without the scope openid (A19)', async () => {
    const client = await issuer.client({ scopes: ['openid', 'email'] })
    const { code, verifier } = await issuer.code(client, await issuer.user(), { scope: 'email' })
    const { json } = await issuer.redeem(client, code, verifier)
    expect(json.access_token).toBeDefined()
    expect(json).not.toHaveProperty('id_token')
  })
})

describe('userinfo', () => {
  test('answers GET and POST with the sub of the ID token and the claims of the scopes (A18)', async () => {
    const { user, idToken, accessToken } = await signedIn()
    for (const method of ['GET', 'POST']) {
      const { status, headers, json } = await issuer.bearer('/userinfo', accessToken, method)
      expect(status).toBe(200)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(json).toMatchObject({
        sub: claimsOf(idToken).sub,
        email: user.email,
        email_verified: true,
        name: '홍길동',
      })
    }
  })

  test('no more than the scopes open (A18)', async () => {
    const { user, accessToken } = await signedIn({ scope: 'openid' })
    expect((await issuer.bearer('/userinfo', accessToken)).json).toEqual({ sub: user.id })
  })

  test('without openid it is 403 insufficient_scope, without a token a bare challenge (A18)', async () => {
    const client = await issuer.client({ scopes: ['openid', 'email'] })
    const { code, verifier } = await issuer.code(client, await issuer.user(), { scope: 'email' })
    const { json } = await issuer.redeem(client, code, verifier)
    const narrow = await issuer.bearer('/userinfo', String(json.access_token))
    expect(narrow.status).toBe(403)
    expect(narrow.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*scope="openid"/)
    const bare = await issuer.send('/userinfo')
    expect(bare.status).toBe(401)
    expect(bare.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(bare.headers.get('www-authenticate')).not.toContain('error=')
  })

  test('a token in the URL or in a form is no token (B14)', async () => {
    const { accessToken } = await signedIn()
    expect((await issuer.send(`/userinfo?access_token=${accessToken}`)).status).toBe(401)
    expect((await issuer.form('/userinfo', { access_token: accessToken })).status).toBeGreaterThanOrEqual(400)
    expect((await issuer.send(`/api/users/me?access_token=${accessToken}`)).status).toBe(401)
  })

  test('no address of ours carries a token (B14)', async () => {
    const client = await issuer.client()
    const agent = issuer.browser()
    const { code, verifier } = await issuer.code(client, await issuer.user(), {}, agent)
    const { json } = await issuer.redeem(client, code, verifier)
    const query = new URLSearchParams({
      id_token_hint: String(json.id_token),
      post_logout_redirect_uri: 'https://app.example/bye',
    })
    const out = await agent.get(`/end-session?${query}`)
    expect(out.location?.href).toBe('https://app.example/bye')
    const lines = issuer.logLines.join('\n')
    for (const secret of [json.access_token, json.id_token, json.refresh_token])
      expect(lines).not.toContain(String(secret))
  })
})

describe('resource indicators', () => {
  test('an API that is not the client’s is invalid_target, told to the client (A22)', async () => {
    const client = await issuer.client({ audiences: [orders] })
    for (const resource of [billing, 'not a uri', `${orders}/`, `${orders}#x`]) {
      const page = await issuer.authorize(client, { resource })
      expect(page.location?.href.startsWith(redirectUri)).toBe(true)
      expect(page.location?.searchParams.get('error')).toBe('invalid_target')
    }
  })

  test('is kept with the grant: redeeming and refreshing narrow it and never widen it (A22)', async () => {
    const client = await issuer.client({ audiences: [orders, billing] })
    const user = await issuer.user()
    const { code, verifier } = await issuer.code(client, user, { resource: orders })
    const wider = await issuer.redeem(client, code, verifier, { resource: billing })
    expect(wider.json.error).toBe('invalid_target')
    const { json } = await issuer.redeem(client, code, verifier, { resource: orders })
    expect(claimsOf(String(json.access_token)).aud).toBe(orders)
    const refused = await issuer.refresh(client, String(json.refresh_token), { resource: billing })
    expect(refused.json.error).toBe('invalid_target')
    const next = await issuer.refresh(client, String(json.refresh_token))
    expect(claimsOf(String(next.json.access_token)).aud).toBe(orders)
  })
})

describe('what must not be kept by anybody on the way', () => {
  test('every answer with a token, a code or a person’s data is no-store, errors too (A13)', async () => {
    const { client, accessToken, refreshToken } = await signedIn()
    const auth = { client_id: client.id, client_secret: client.secret ?? '' }
    const agent = issuer.browser()
    const { code, verifier } = await issuer.code(client, await issuer.user(), {}, agent)
    const answers = {
      'a silent code': await issuer.authorize(client, {}, agent),
      'an authorization error': await issuer.authorize(client, { scope: 'nonsense' }),
      'a local error page': await issuer.authorize(client, { redirect_uri: 'https://evil.example' }),
      'the way to the login page': await issuer.authorize(client),
      'a code in a form that posts itself': await issuer.authorize(
        client,
        { response_mode: 'form_post' },
        agent,
      ),
      'the consent page': await agent.follow(
        await issuer.authorize(await issuer.client({ firstParty: false }), {}, agent),
      ),
      'a parked POST': await issuer.form('/authorize', [
        ...new URL(issuer.authorizePath(client), issuer.url).searchParams,
      ]),
      'the question whether to log out': await agent.get('/end-session'),
      'the token answer': await issuer.redeem(client, code, verifier),
      'a token error': await issuer.redeem(client, 'x', verifier),
      'an unknown client': await issuer.form('/token', {
        grant_type: 'refresh_token',
        client_id: 'x',
        refresh_token: 'x',
      }),
      'a wrong content type': await issuer.json('/token', {}),
      'a refresh': await issuer.refresh(client, refreshToken),
      introspection: await issuer.form('/introspect', { token: accessToken, ...auth }),
      'an introspection error': await issuer.form('/introspect', { token: accessToken }),
      revocation: await issuer.form('/revoke', { token: 'x', ...auth }),
      userinfo: await issuer.bearer('/userinfo', accessToken),
      'a userinfo error': await issuer.bearer('/userinfo', 'x'),
      'the first-party API': await issuer.json('/api/token', { email: 'a@b.example', password: 'x' }),
      'a first-party refresh': await issuer.json('/api/token/refresh', { refresh: 'x' }),
      me: await issuer.bearer('/api/users/me', accessToken),
      'the login page': await issuer.send('/login'),
      'the account page': await agent.get('/account'),
    }
    for (const [name, { headers }] of Object.entries(answers))
      expect(headers.get('cache-control'), name).toContain('no-store')
  })
})

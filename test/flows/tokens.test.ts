// The content of each kind of token, and the endpoints that accept it.
import { createHash } from 'node:crypto'
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { openidScopes } from '../../src/tokens/scopes.ts'
import { claimsOf, headerOf, redirectUri } from '../support/issuer.ts'
import { standardClaims } from '../support/standard-claims.ts'
import { useIssuer } from '../support/use-issuer.ts'

const orders = 'https://orders.example'
const billing = 'https://billing.example'

const issuer = useIssuer()

const signedIn = async (params: Record<string, string> = {}) => {
  const client = await issuer.client({ audiences: [orders, billing] })
  const user = await issuer.user({ name: '홍길동', username: `hong${Math.random().toString(36).slice(2)}` })
  return { client, user, ...(await issuer.tokens(client, user, params)) }
}

describe('an access token', () => {
  test('the header of an access token has exactly alg, typ and kid (B1)', async () => {
    const { accessToken } = await signedIn()
    const header = headerOf(accessToken)
    expect(Object.keys(header).sort()).toEqual(['alg', 'kid', 'typ'])
    expect(header).toMatchObject({ alg: 'RS256', typ: 'at+jwt' })
  })

  test('an access token has every claim of RFC 9068, and none of its claims is null (B2)', async () => {
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

  test('an access token has exactly the documented claims (B2)', async () => {
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

  test('a machine’s access token has the claims of RFC 9068 and none about a sign-in (B2)', async () => {
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

  test('the audience of an access token is the requested API, and every other audience rejects it (B3)', async () => {
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

  test('an access token without a requested API has the default audience (B3)', async () => {
    const { accessToken } = await signedIn()
    expect(claimsOf(accessToken).aud).toBe(issuer.config.defaultAudience)
  })

  test('an access token lives ten minutes, and expires_in agrees (B5)', async () => {
    const { accessToken, answer } = await signedIn()
    const { iat, exp } = claimsOf(accessToken)
    expect(Number(exp) - Number(iat)).toBe(600)
    expect(answer.json.expires_in).toBe(600)
  })

  test('rejects a configuration in which access tokens live longer than an hour (B5)', () => {
    expect(() => readConfig({ ACCESS_TOKEN_TTL: '3601' })).toThrow(/ACCESS_TOKEN_TTL/)
    expect(readConfig({ ACCESS_TOKEN_TTL: '3600' }).accessTokenTtlSeconds).toBe(3600)
  })

  test('iat is never in the future, and there is no nbf (B6)', async () => {
    const { accessToken, idToken } = await signedIn()
    for (const token of [accessToken, idToken]) {
      const { iat, nbf } = claimsOf(token)
      expect(Number(iat) * 1000).toBeLessThanOrEqual(issuer.clock.now().getTime())
      expect(nbf).toBeUndefined()
    }
  })

  test('roles is an array, onboarded is a boolean, and a client’s parameters change neither (B8)', async () => {
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

  test('an access token identifies its sign-in and states when and how the user signed in (B10)', async () => {
    const { accessToken } = await signedIn()
    const { sid, auth_time, amr } = claimsOf(accessToken)
    expect(sid).toMatch(/^\S{22,}$/)
    expect(auth_time).toBe(Math.floor(issuer.clock.now().getTime() / 1000))
    expect(amr).toEqual(['pwd'])
  })

  test('an access token contains no name or e-mail address by default, and stays small (B11)', async () => {
    const { user, accessToken } = await signedIn()
    const text = JSON.stringify(claimsOf(accessToken))
    expect(text).not.toContain(user.email)
    expect(text).not.toContain('홍길동')
    expect(accessToken.length).toBeLessThan(1500)
  })

  test('an API that is configured with a claim gets it, and another API does not (B11)', async () => {
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
  test('rejects each kind of token where another kind is expected (B4)', async () => {
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

  test('rejects an access token as id_token_hint, at logout and for prompt=none (B4)', async () => {
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

  test('rejects the claims of an access token when another key signed them, whatever the typ (B4)', async () => {
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
  test('an ID token has the claims that OpenID Connect requires, and its audience is the client (A19)', async () => {
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

  test('an ID token has a nonce only if the client sent one, and not after a refresh (A19)', async () => {
    const { idToken } = await signedIn()
    expect(claimsOf(idToken)).not.toHaveProperty('nonce')
    const { client, refreshToken, user } = await signedIn({ nonce: 'abc' })
    const { json } = await issuer.refresh(client, refreshToken)
    expect(claimsOf(String(json.id_token))).toMatchObject({ sub: user.id, aud: client.id })
    expect(claimsOf(String(json.id_token))).not.toHaveProperty('nonce')
  })

  test('there is no ID token without the scope openid (A19)', async () => {
    const client = await issuer.client({ scopes: ['openid', 'email'] })
    const { code, verifier } = await issuer.code(client, await issuer.user(), { scope: 'email' })
    const { json } = await issuer.redeem(client, code, verifier)
    expect(json.access_token).toBeDefined()
    expect(json).not.toHaveProperty('id_token')
  })
})

describe('userinfo', () => {
  test('userinfo answers GET and POST with the sub of the ID token and the claims of the scopes (A18)', async () => {
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

  test('userinfo returns the stored standard claims of profile, address and phone by scope (A18)', async () => {
    const client = await issuer.client({ scopes: [...openidScopes] })
    const user = await issuer.user({ claims: { ...standardClaims, premium: true } })
    const { address, phone_number, phone_number_verified, ...profile } = standardClaims
    const claims = async (scope: string) => {
      const { accessToken, idToken } = await issuer.tokens(client, user, { scope })
      expect(claimsOf(idToken)).not.toHaveProperty('picture')
      const { json } = await issuer.bearer('/userinfo', accessToken)
      const { sub: _, updated_at: __, ...rest } = json
      return rest
    }
    expect(await claims('openid')).toEqual({})
    expect(await claims('openid profile')).toEqual(profile)
    expect(await claims('openid address')).toEqual({ address })
    expect(await claims('openid phone')).toEqual({ phone_number, phone_number_verified })
  })

  test('userinfo leaves out a stored standard claim of the wrong type, and none replaces the record (A18, B8)', async () => {
    const client = await issuer.client({ scopes: [...openidScopes] })
    const stored = { address: 'Seoul', phone_number: 2, phone_number_verified: 'yes', picture: null }
    const forged = { sub: 'usr_other', email: 'other@example.com', email_verified: true, updated_at: 1 }
    const user = await issuer.user({ claims: { ...stored, ...forged }, emailVerified: false })
    const { accessToken } = await issuer.tokens(client, user)
    const { json } = await issuer.bearer('/userinfo', accessToken)
    expect(json).toMatchObject({ sub: user.id, email: user.email, email_verified: false })
    expect(Object.keys(json).sort()).toEqual(['email', 'email_verified', 'sub', 'updated_at'])
  })

  test('a token of /api/token does not open the address and the phone number (B11)', async () => {
    const { email, password } = await issuer.user({ claims: { ...standardClaims } })
    const { json } = await issuer.json('/api/token', { email, password })
    const userinfo = await issuer.bearer('/userinfo', String(json.access))
    expect(userinfo.json).toHaveProperty('picture')
    expect(userinfo.json).not.toHaveProperty('phone_number')
    expect(userinfo.json).not.toHaveProperty('address')
  })

  test('userinfo takes an empty POST of any content type, and no body of another type (A18)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { accessToken } = await issuer.tokens(client, user)
    const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
    const ask = (body: string) => issuer.send('/userinfo', { method: 'POST', body, headers })
    expect([(await ask('')).status, (await ask('{}')).status]).toEqual([200, 400])
  })

  test('userinfo returns no claim beyond the scopes (A18)', async () => {
    const { user, accessToken } = await signedIn({ scope: 'openid' })
    expect((await issuer.bearer('/userinfo', accessToken)).json).toEqual({ sub: user.id })
  })

  test('userinfo answers 403 without the scope openid, and a challenge without an error if there is no token (A18)', async () => {
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

  test('rejects an access token in a URL or in a form (B14)', async () => {
    const { accessToken } = await signedIn()
    expect((await issuer.send(`/userinfo?access_token=${accessToken}`)).status).toBe(401)
    expect((await issuer.form('/userinfo', { access_token: accessToken })).status).toBeGreaterThanOrEqual(400)
    expect((await issuer.send(`/api/users/me?access_token=${accessToken}`)).status).toBe(401)
  })

  test('no redirect and no log line contains a token (B14)', async () => {
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
  test('a request for an API that the client may not use redirects to the client with invalid_target (A22)', async () => {
    const client = await issuer.client({ audiences: [orders] })
    for (const resource of [billing, 'not a uri', `${orders}/`, `${orders}#x`]) {
      const page = await issuer.authorize(client, { resource })
      expect(page.location?.href.startsWith(redirectUri)).toBe(true)
      expect(page.location?.searchParams.get('error')).toBe('invalid_target')
    }
  })

  test('a grant keeps its resource, and neither redemption nor refresh can widen it (A22)', async () => {
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

  test('a token request may name a resource of the client if the authorization request named none (A22)', async () => {
    const client = await issuer.client({ audiences: [orders] })
    const user = await issuer.user()
    const { code, verifier } = await issuer.code(client, user)
    const foreign = await issuer.redeem(client, code, verifier, { resource: billing })
    expect([foreign.status, foreign.json.error]).toEqual([400, 'invalid_target'])
    const { json } = await issuer.redeem(client, code, verifier, { resource: orders })
    expect(claimsOf(String(json.access_token)).aud).toBe(orders)
    const next = await issuer.refresh(client, String(json.refresh_token))
    expect(claimsOf(String(next.json.access_token)).aud).toBe(orders)
  })
})

describe('Cache-Control', () => {
  test('every answer with a token, a code or personal data is no-store, and so are the errors (A13)', async () => {
    const { client, accessToken, refreshToken } = await signedIn()
    const auth = { client_id: client.id, client_secret: client.secret ?? '' }
    const agent = issuer.browser()
    const { code, verifier } = await issuer.code(client, await issuer.user(), {}, agent)
    const parked = (await issuer.authorize(client)).location?.searchParams.get('request')
    const answers = {
      'a silent code': await issuer.authorize(client, {}, agent),
      'an authorization error': await issuer.authorize(client, { scope: 'nonsense' }),
      'a local error page': await issuer.authorize(client, { redirect_uri: 'https://evil.example' }),
      'the redirect to the login page': await issuer.authorize(client),
      'a code in a form_post page': await issuer.authorize(client, { response_mode: 'form_post' }, agent),
      'the consent page': await agent.follow(
        await issuer.authorize(await issuer.client({ firstParty: false }), {}, agent),
      ),
      'the redirect from the consent page to the login page': await issuer.send(`/consent?request=${parked}`),
      'a parked POST': await issuer.form('/authorize', [
        ...new URL(issuer.authorizePath(client), issuer.url).searchParams,
      ]),
      'the logout confirmation page': await agent.get('/end-session'),
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

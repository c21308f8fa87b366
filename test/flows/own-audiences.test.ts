// Dojang's own endpoints check the audience and the scope of an access token, as every API must.
import { describe, expect, test } from 'vitest'
import { claimsOf } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()
const partner = 'https://partner.example/api'

const codeFlow = async (params: Record<string, string>, facts = {}) => {
  const client = await issuer.client({ audiences: [partner], ...facts })
  const user = await issuer.user({ username: `u${Math.random().toString(36).slice(2)}`, name: 'Jane' })
  return { client, user, ...(await issuer.tokens(client, user, params)) }
}

describe('a token for another API', () => {
  test('is refused at /userinfo and at /api, and ends no session (B3, H8)', async () => {
    const { client, accessToken, refreshToken } = await codeFlow({ resource: partner })
    expect(claimsOf(accessToken).aud).toBe(partner)
    for (const [method, path] of [
      ['GET', '/userinfo'],
      ['POST', '/userinfo'],
      ['GET', '/api/users/me'],
      ['POST', '/api/logout'],
    ] as const) {
      const { status, headers, body } = await issuer.bearer(path, accessToken, method)
      expect(status, path).toBe(401)
      expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
      expect(body).not.toContain('@example.com')
    }
    expect((await issuer.refresh(client, refreshToken)).status).toBe(200)
  })
})

describe('the audience of Dojang itself', () => {
  test('a token of a client without own audience works at /userinfo and at /api (B3)', async () => {
    const { user, accessToken } = await codeFlow({})
    expect(claimsOf(accessToken).aud).toBe(issuer.config.defaultAudience)
    expect((await issuer.bearer('/userinfo', accessToken)).json.email).toBe(user.email)
    expect((await issuer.bearer('/api/users/me', accessToken)).json.email).toBe(user.email)
  })

  test('an OpenID Connect client with a default audience of its own still reads /userinfo, but not /api (B3)', async () => {
    const facts = { defaultAudience: partner }
    const { client, user, accessToken, refreshToken } = await codeFlow({}, facts)
    expect(claimsOf(accessToken).aud).toEqual([partner, issuer.url])
    expect((await issuer.bearer('/userinfo', accessToken)).json.email).toBe(user.email)
    expect((await issuer.bearer('/api/users/me', accessToken)).status).toBe(401)
    const refreshed = String((await issuer.refresh(client, refreshToken)).json.access_token)
    expect(claimsOf(refreshed).aud).toEqual([partner, issuer.url])
    const narrowed = await issuer.refresh(client, refreshToken, { resource: partner })
    expect(claimsOf(String(narrowed.json.access_token)).aud).toBe(partner)
    const plain = await codeFlow({ scope: 'profile' }, facts)
    expect(claimsOf(plain.accessToken).aud).toBe(partner)
  })

  test('every client may ask for a token for /userinfo alone, with resource set to the issuer (A22, B3)', async () => {
    const { user, accessToken } = await codeFlow({ resource: issuer.url })
    expect(claimsOf(accessToken).aud).toBe(issuer.url)
    expect((await issuer.bearer('/userinfo', accessToken)).json.sub).toBe(user.id)
    expect((await issuer.bearer('/api/users/me', accessToken)).status).toBe(401)
  })

  test('a token from /api/token works at /api, also if the app has a default audience of its own (B3)', async () => {
    const origin = 'https://spa.example'
    await issuer.client({ defaultAudience: partner, origins: [origin] })
    const user = await issuer.user()
    const headers = { origin, 'sec-fetch-site': 'cross-site' }
    const signedIn = await issuer.json('/api/token', { email: user.email, password: user.password }, headers)
    const refreshed = await issuer.json('/api/token/refresh', { refresh: signedIn.json.refresh })
    for (const access of [signedIn.json.access, refreshed.json.access].map(String)) {
      expect(claimsOf(access).aud).toEqual([partner, issuer.config.defaultAudience])
      expect((await issuer.bearer('/api/users/me', access)).json.id).toBe(user.id)
    }
  })
})

describe('the scope of a token', () => {
  test('/api/users/me shows the address only with the scope email, and the names only with profile (B3)', async () => {
    const members = async (scope: string) => {
      const { accessToken } = await codeFlow({ scope })
      return Object.keys((await issuer.bearer('/api/users/me', accessToken)).json)
    }
    const [plain, email, profile] = [
      await members('openid'),
      await members('openid email'),
      await members('openid profile'),
    ]
    for (const name of ['email', 'email_verified']) {
      expect(email).toContain(name)
      expect([...plain, ...profile]).not.toContain(name)
    }
    for (const name of ['username', 'name']) {
      expect(profile).toContain(name)
      expect([...plain, ...email]).not.toContain(name)
    }
    expect(plain).toEqual(expect.arrayContaining(['id', 'roles', 'scopes', 'onboarded']))
  })
})

test('/userinfo and /api refuse the token of a user who was disabled without a blacklist entry (C12)', async () => {
  const { user, accessToken } = await codeFlow({})
  // As if the process had stopped between the two writes of "users disable".
  await issuer.stores.users.change(user.id, { disabledAt: issuer.clock.now() }, issuer.clock.now())
  for (const path of ['/userinfo', '/api/users/me'])
    expect((await issuer.bearer(path, accessToken)).status, path).toBe(401)
})

// APIs whose access tokens have the `typ` JWT, for services that refuse at+jwt.
import { describe, expect, test } from 'vitest'
import { claimsOf, credentialsOf, headerOf, type TestClient } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()
const plain = 'https://spring.example'
const other = 'https://rust.example'
const strict = 'https://strict.example'

const create = (audience: string, tokenType?: string) =>
  issuer.app.operations['apis.create']({ audience, scopes: [`${new URL(audience).host}:read`], tokenType })

const register = async () => {
  if ((await issuer.stores.apis.find(plain)) !== undefined) return
  await create(plain, 'JWT')
  await create(other, 'JWT')
  await create(strict)
}

const clientOf = async (facts: Parameters<typeof issuer.client>[0] = {}): Promise<TestClient> => {
  await register()
  return issuer.client({ audiences: [plain, other, strict], ...facts })
}

const introspect = async (caller: TestClient, token: string) =>
  (await issuer.form('/introspect', { token, ...credentialsOf(caller) })).json.active

describe('an API with the token type JWT', () => {
  test('gets access tokens with typ JWT and all claims of RFC 9068, and other APIs get at+jwt (B1)', async () => {
    const [client, user] = [await clientOf(), await issuer.user()]
    const own = await issuer.tokens(client, user, { resource: plain })
    expect(headerOf(own.accessToken)).toMatchObject({ alg: 'RS256', typ: 'JWT' })
    expect(claimsOf(own.accessToken)).toMatchObject({ aud: plain, sub: user.id, client_id: client.id })
    const refreshed = await issuer.refresh(client, own.refreshToken)
    expect(headerOf(String(refreshed.json.access_token)).typ).toBe('JWT')
    for (const resource of [strict, issuer.url])
      expect(headerOf((await issuer.tokens(client, user, { resource })).accessToken).typ).toBe('at+jwt')
    expect(headerOf((await issuer.tokens(client, user)).accessToken).typ).toBe('at+jwt')
  })

  test('gets typ JWT for a token of a client itself too (B1)', async () => {
    const client = await clientOf({ grants: ['client_credentials'] })
    const ask = (resource: string) =>
      issuer.form('/token', { grant_type: 'client_credentials', resource, ...credentialsOf(client) })
    expect(headerOf(String((await ask(plain)).json.access_token)).typ).toBe('JWT')
    expect(headerOf(String((await ask(strict)).json.access_token)).typ).toBe('at+jwt')
  })

  test('shares a token of typ JWT only with APIs that chose the type (B1)', async () => {
    const client = await clientOf({ grants: ['client_credentials'] })
    const ask = async (...resources: string[]) => {
      const fields = Object.entries({ grant_type: 'client_credentials', ...credentialsOf(client) })
      const named = resources.map((uri): [string, string] => ['resource', uri])
      return headerOf(String((await issuer.form('/token', [...fields, ...named])).json.access_token)).typ
    }
    expect(await ask(plain, other)).toBe('JWT')
    expect(await ask(plain, strict)).toBe('at+jwt')
    expect(await ask(plain, issuer.url)).toBe('JWT')
  })

  test('is the default audience of a client whose token also works at /userinfo, /introspect and /revoke (B3)', async () => {
    const [client, user] = [await clientOf({ defaultAudience: plain }), await issuer.user()]
    const { accessToken } = await issuer.tokens(client, user)
    expect([headerOf(accessToken).typ, claimsOf(accessToken).aud]).toEqual(['JWT', [plain, issuer.url]])
    expect((await issuer.bearer('/userinfo', accessToken)).json.sub).toBe(user.id)
    expect(await introspect(client, accessToken)).toBe(true)
    await issuer.form('/revoke', { token: accessToken, ...credentialsOf(client) })
    expect(await introspect(client, accessToken)).toBe(false)
    expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
  })

  test('can go back to at+jwt, and knows no other type (B1)', async () => {
    const audience = 'https://undecided.example'
    const { 'apis.update': update, 'apis.list': list } = issuer.app.operations
    await create(audience, 'JWT')
    const typeOf = async () => (await list({})).find((api) => api.audience === audience)?.token_type
    expect(await typeOf()).toBe('JWT')
    await update({ audience, tokenType: 'at+jwt' })
    expect(await typeOf()).toBe('at+jwt')
    for (const tokenType of ['jwt', 'JWE', ''])
      await expect(update({ audience, tokenType })).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('two kinds of tokens with typ JWT', () => {
  test('an ID token is no access token at any endpoint, and its aud is never an API (B4)', async () => {
    const client = await clientOf({ defaultAudience: plain, introspects: [plain] })
    const { idToken } = await issuer.tokens(client, await issuer.user())
    expect([headerOf(idToken).typ, claimsOf(idToken).aud]).toEqual(['JWT', client.id])
    for (const path of ['/userinfo', '/api/users/me'])
      expect((await issuer.bearer(path, idToken)).status, path).toBe(401)
    expect((await issuer.bearer('/api/logout', idToken, 'POST')).status).toBe(401)
    expect((await issuer.json('/api/token/verify', { token: idToken })).status).toBe(401)
    expect(await introspect(client, idToken)).toBe(false)
  })

  test('a token with typ JWT is refused here once its API went back to at+jwt (B4)', async () => {
    const audience = 'https://moving.example'
    await create(audience, 'JWT')
    const client = await clientOf({ audiences: [audience], defaultAudience: audience })
    const { accessToken } = await issuer.tokens(client, await issuer.user())
    expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(200)
    await issuer.app.operations['apis.update']({ audience, tokenType: 'at+jwt' })
    await expect.poll(async () => (await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
  })

  test('an access token with typ JWT is no id_token_hint (B4, A21)', async () => {
    const [client, user, agent] = [await clientOf(), await issuer.user(), issuer.browser()]
    const { accessToken, idToken } = await issuer.tokens(client, user, { resource: plain }, agent)
    expect(headerOf(accessToken).typ).toBe('JWT')
    const silent = async (id_token_hint: string) => {
      const page = await issuer.authorize(client, { prompt: 'none', id_token_hint }, agent)
      return page.location?.searchParams.get('error')
    }
    expect([await silent(accessToken), await silent(idToken)]).toEqual(['login_required', null])
    const page = await agent.get(`/end-session?id_token_hint=${accessToken}`)
    expect(page.body).toContain('name="confirm"')
    expect((await agent.get('/account')).status).toBe(200)
  })

  test('no client id can be the identifier of an API, so no ID token has the aud of an API (B4)', async () => {
    const { 'clients.create': createClient, 'apis.create': createApi } = issuer.app.operations
    const redirectUris = ['https://app.example/callback']
    await register()
    for (const id of [plain, issuer.url, issuer.config.defaultAudience])
      await expect(createClient({ id, redirectUris })).rejects.toMatchObject({ code: 'invalid' })
    const { client_id: audience } = await createClient({ redirectUris })
    await expect(createApi({ audience })).rejects.toMatchObject({ code: 'invalid' })
  })
})

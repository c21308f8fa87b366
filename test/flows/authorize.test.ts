import { describe, expect, test } from 'vitest'
import type { Page } from '../../harness/browser.ts'
import { pkce, redirectUri } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const answer = (page: Page) => Object.fromEntries(page.location?.searchParams ?? [])

const expectLocalPage = (page: Page) => {
  expect(page.status).toBe(400)
  expect(page.location).toBeUndefined()
  expect(page.headers.get('content-type')).toContain('text/html')
}

describe('the redirect URI', () => {
  const registered = 'https://app.example/callback'
  test.each([
    ['another path', 'https://app.example/other'],
    ['a longer path', 'https://app.example/callback/more'],
    ['a path with dot segments', 'https://app.example/x/../callback'],
    ['an additional slash', 'https://app.example/callback/'],
    ['an additional query', 'https://app.example/callback?a=b'],
    ['a fragment', 'https://app.example/callback#x'],
    ['another scheme', 'http://app.example/callback'],
    ['another host', 'https://evil.example/callback'],
    ['a host that only starts the same', 'https://app.example.evil.example/callback'],
    ['user information', 'https://app.example@evil.example/callback'],
    ['capitals in the host', 'https://APP.example/callback'],
    ['capitals in the path', 'https://app.example/Callback'],
    ['an explicit default port', 'https://app.example:443/callback'],
    ['percent-encoding', 'https://app.example/%63allback'],
    ['a trailing space', 'https://app.example/callback '],
    ['only the start of the registered URI', 'https://app.example/'],
    ['a wildcard', 'https://app.example/*'],
    ['a script', 'javascript:alert(1)'],
  ])('/authorize rejects a redirect URI with %s (A1)', async (_what, requested) => {
    const client = await issuer.client({ redirectUris: [registered] })
    expectLocalPage(await issuer.authorize(client, { redirect_uri: requested }))
  })

  test('/authorize accepts each registered redirect URI and keeps its query (A1)', async () => {
    const uris = ['https://app.example/callback?tenant=a', 'com.example.app:/callback', registered]
    const client = await issuer.client({ redirectUris: uris })
    for (const uri of uris) {
      const page = await issuer.authorize(client, { redirect_uri: uri, prompt: 'none' })
      expect(page.status).toBe(303)
      expect(page.location?.href.startsWith(uri)).toBe(true)
      expect(answer(page).error).toBe('login_required')
    }
  })

  test.each([
    ['http://127.0.0.1/callback', 'http://127.0.0.1:49152/callback', true],
    ['http://127.0.0.1:3000/callback', 'http://127.0.0.1:49152/callback', true],
    ['http://[::1]/callback', 'http://[::1]:49152/callback', true],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:49152/other', false],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:99999/callback', false],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:80@evil.example/callback', false],
    ['http://127.0.0.1/callback', 'https://127.0.0.1:49152/callback', false],
    ['http://localhost/callback', 'http://localhost:49152/callback', true],
    ['http://localhost:3000/callback', 'http://localhost/callback', true],
    ['http://localhost/callback', 'http://127.0.0.1/callback', false],
    ['http://127.0.0.1/callback', 'http://localhost/callback', false],
    ['http://localhost/callback', 'http://localhost:49152/other', false],
    ['http://localhost/callback', 'http://localhost.evil.example/callback', false],
    ['http://localhost/callback', 'http://localhost:80@evil.example/callback', false],
    ['http://localhost/callback', 'http://LOCALHOST:49152/callback', false],
    ['http://localhost/callback', 'https://localhost:49152/callback', false],
    ['https://localhost/callback', 'https://localhost:49152/callback', false],
    ['https://app.example/callback', 'https://app.example:49152/callback', false],
  ])(
    'only the port on this machine may differ: registered %s, requested %s (A1)',
    async (own, requested, good) => {
      const client = await issuer.client({ redirectUris: [own] })
      const page = await issuer.authorize(client, { redirect_uri: requested })
      if (good) expect(page.location?.pathname).toBe('/login')
      else expectLocalPage(page)
    },
  )

  test.each(['https://app.example/*', 'https://앱.example/콜백', 'http://app.example/', '/callback'])(
    'clients.create rejects the redirect URI %s (A1)',
    async (uri) => {
      const registration = { redirectUris: [uri] }
      await expect(issuer.app.operations['clients.create'](registration)).rejects.toThrow()
    },
  )

  test('an unknown client gets a local error page and no redirect (A2)', async () => {
    const client = await issuer.client()
    expectLocalPage(await issuer.authorize(client, { client_id: 'nobody' }))
    expectLocalPage(await issuer.authorize(client, { client_id: undefined }))
    expectLocalPage(await issuer.authorize(client, { client_id: '<script>' }))
  })

  test('a missing or repeated redirect URI gets a local error page and no redirect (A2)', async () => {
    const client = await issuer.client()
    expectLocalPage(await issuer.authorize(client, { redirect_uri: undefined }))
    const evil = '&redirect_uri=https%3A%2F%2Fevil.example%2F'
    expectLocalPage(await issuer.browser().get(`${issuer.authorizePath(client)}${evil}`))
    const other = await issuer.client()
    expectLocalPage(await issuer.browser().get(`${issuer.authorizePath(client)}&client_id=${other.id}`))
  })

  test('the local error page does not repeat the redirect URI of the request (A2)', async () => {
    const page = await issuer.authorize(await issuer.client(), { redirect_uri: 'https://evil.example/<b>' })
    expect(page.body).not.toContain('evil.example')
  })

  test('other errors go to the registered redirect URI with the state (A2)', async () => {
    const page = await issuer.authorize(await issuer.client(), { response_type: undefined })
    expect(page.location?.href.startsWith(`${redirectUri}?`)).toBe(true)
    expect(answer(page)).toMatchObject({ error: 'invalid_request', state: 'st4te' })
  })
})

describe('the authorization response', () => {
  test.each([
    ['a missing response_type', { response_type: undefined }, 'invalid_request'],
    ['a wrong scope', { scope: 'world' }, 'invalid_scope'],
    ['a wrong resource', { resource: 'https://other.example' }, 'invalid_target'],
    ['prompt=none without a session', { prompt: 'none' }, 'login_required'],
  ])('the error response to %s carries iss (A7)', async (_what, params, error) => {
    const page = await issuer.authorize(await issuer.client(), params)
    expect(answer(page)).toMatchObject({ error, state: 'st4te', iss: issuer.url })
  })

  test('a code response carries code, state and iss, and nothing else (A7)', async () => {
    const [client, user, agent] = [await issuer.client(), await issuer.user(), issuer.browser()]
    const page = await issuer.signInOn(agent, await issuer.authorize(client, {}, agent), user)
    const { code, ...rest } = answer(page)
    expect(code).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(rest).toEqual({ state: 'st4te', iss: issuer.url })
  })

  test('response_mode=form_post carries iss with codes and with errors (A7)', async () => {
    const [client, user, agent] = [await issuer.client(), await issuer.user(), issuer.browser()]
    const mode = { response_mode: 'form_post' }
    const refused = await issuer.authorize(client, { ...mode, scope: 'world' }, agent)
    expect(refused.status).toBe(200)
    expect(refused.body).toContain(`name="iss" value="${issuer.url}"`)
    expect(refused.body).toContain('name="error" value="invalid_scope"')
    const page = await issuer.signInOn(agent, await issuer.authorize(client, mode, agent), user)
    expect(page.body).toMatch(/name="code" value="[A-Za-z0-9_-]{43}"/)
    expect(page.body).toContain(`name="iss" value="${issuer.url}"`)
    expect(page.body).toContain(`action="${redirectUri}"`)
  })

  test('denied consent gives access_denied with iss and the state (A7)', async () => {
    const client = await issuer.client({ firstParty: false })
    const [user, agent] = [await issuer.user(), issuer.browser()]
    const asked = await issuer.signInOn(agent, await issuer.authorize(client, {}, agent), user)
    const request = /name="request" value="([^"]+)"/.exec(asked.body)?.[1] ?? ''
    const page = await agent.submit('/consent', { request, decision: 'deny' })
    expect(page.location?.href.startsWith(`${redirectUri}?`)).toBe(true)
    expect(answer(page)).toMatchObject({ error: 'access_denied', state: 'st4te', iss: issuer.url })
    expect(page.headers.get('cache-control')).toContain('no-store')
  })

  test('the metadata announces the iss parameter (A7)', async () => {
    const { json } = await issuer.send('/.well-known/openid-configuration')
    expect(json).toMatchObject({
      authorization_response_iss_parameter_supported: true,
      issuer: issuer.url,
    })
  })
})

describe('the parameters of an authorization request', () => {
  test.each(['token', 'id_token', 'code token', 'code id_token', 'id_token token', 'none', 'CODE', 'x'])(
    '/authorize rejects response_type=%s (A8)',
    async (type) => {
      const page = await issuer.authorize(await issuer.client(), { response_type: type })
      expect(answer(page).error).toBe('unsupported_response_type')
      expect(page.location?.hash).toBe('')
    },
  )

  test('/authorize rejects response_mode=fragment (A8)', async () => {
    const page = await issuer.authorize(await issuer.client(), { response_mode: 'fragment' })
    expect(answer(page).error).toBe('invalid_request')
    expect(page.location?.hash).toBe('')
  })

  test.each(['scope', 'state', 'response_type', 'nonce', 'code_challenge', 'prompt', 'response_mode'])(
    'a repeated %s gives invalid_request at the redirect URI (A10)',
    async (name) => {
      const client = await issuer.client()
      const twice = `${issuer.authorizePath(client)}&${name}=a&${name}=b`
      const page = await issuer.browser().get(twice)
      expect(page.location?.href.startsWith(redirectUri)).toBe(true)
      expect(answer(page)).toMatchObject({ error: 'invalid_request', iss: issuer.url })
    },
  )

  test('/authorize ignores unknown parameters and treats empty ones as absent (A10)', async () => {
    const client = await issuer.client()
    const params = { unknown: 'x', prompt: '', max_age: '', resource: '', nonce: '' }
    expect((await issuer.authorize(client, params)).location?.pathname).toBe('/login')
  })

  test('/authorize reads a POST as strictly as a GET (A10)', async () => {
    const client = await issuer.client()
    const fields = [...new URL(issuer.authorizePath(client), issuer.url).searchParams]
    const challenge: [string, string][] = [
      ['code_challenge', pkce().challenge],
      ['code_challenge_method', 'S256'],
    ]
    const good = await issuer.form('/authorize', [...fields, ...challenge])
    expect(good.headers.get('location')).toMatch(/^\/authorize\?resume=/)
    const twice = await issuer.form('/authorize', [...fields, ...challenge, ['scope', 'openid']])
    expect(twice.headers.get('location')).toContain('error=invalid_request')
    expect((await issuer.json('/authorize', Object.fromEntries(fields))).status).toBe(415)
  })

  test.each([
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a request URI', { request_uri: 'urn:example:x' }, 'request_uri_not_supported'],
    ['an unknown prompt', { prompt: 'later' }, 'invalid_request'],
    ['prompt=none with another value', { prompt: 'none login' }, 'invalid_request'],
    ['a negative max_age', { max_age: '-1' }, 'invalid_request'],
    ['a scope with control characters', { scope: 'openid "quoted"' }, 'invalid_scope'],
  ])('/authorize rejects %s (A24)', async (_what, params, error) => {
    expect(answer(await issuer.authorize(await issuer.client(), params)).error).toBe(error)
  })
})

import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { openidScopes } from '../../src/tokens/scopes.ts'
import { claimsOf, headerOf } from '../support/issuer.ts'
import { standardClaims } from '../support/standard-claims.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const metadata = async () => (await issuer.send('/.well-known/openid-configuration')).json

test('both metadata URLs serve the same document with CORS for every origin (A14)', async () => {
  const [openid, oauth] = await Promise.all([
    issuer.send('/.well-known/openid-configuration'),
    issuer.send('/.well-known/oauth-authorization-server'),
  ])
  expect(openid.status).toBe(200)
  expect(openid.body).toBe(oauth.body)
  for (const { headers } of [openid, oauth]) {
    expect(headers.get('content-type')).toContain('application/json')
    expect(headers.get('access-control-allow-origin')).toBe('*')
  }
})

test('the metadata names exactly the configured issuer (A14)', async () => {
  expect((await metadata()).issuer).toBe(issuer.config.issuer)
})

test.each([
  'https://id.example.com/',
  'https://id.example.com/tenant',
  'http://id.example.com',
  'id.example.com',
  'https://id.example.com?x=1',
])('the configuration rejects the issuer %s (A14)', (address) => {
  expect(() => readConfig({ ISSUER: address })).toThrow(/ISSUER must/)
})

describe('the advertised features', () => {
  test('every advertised endpoint answers with 200, 303, 400 or 401 (A15)', async () => {
    const document = await metadata()
    const endpoints = Object.entries(document).filter(([name]) => /_endpoint$|_uri$/.test(name))
    expect(endpoints.length).toBeGreaterThanOrEqual(7)
    for (const [name, url] of endpoints) {
      const path = new URL(String(url)).pathname
      expect(String(url).startsWith(issuer.config.issuer), name).toBe(true)
      const get = await issuer.send(path)
      const answer = get.status === 405 ? await issuer.form(path, {}) : get
      expect([200, 303, 400, 401], `${name} ${answer.status}`).toContain(answer.status)
    }
  })

  test('the metadata always advertises the PKCE method S256, which MCP clients require (A15)', async () => {
    expect((await metadata()).code_challenge_methods_supported).toEqual(['S256'])
  })

  test('the token endpoint supports exactly the advertised grants (A15)', async () => {
    const { grant_types_supported: grants } = (await metadata()) as { grant_types_supported: string[] }
    expect([...grants].sort()).toEqual(['authorization_code', 'client_credentials', 'refresh_token'])
    const client = await issuer.client({
      grants: ['authorization_code', 'refresh_token', 'client_credentials'],
    })
    for (const grant_type of grants) {
      const { json } = await issuer.form('/token', {
        grant_type,
        client_id: client.id,
        client_secret: client.secret ?? '',
      })
      expect(json.error, grant_type).not.toBe('unsupported_grant_type')
    }
  })

  test('each endpoint accepts exactly its advertised client authentication methods (A15)', async () => {
    const document = (await metadata()) as Record<string, string[]>
    const [confidentialClient, publicClient] = [
      await issuer.client(),
      await issuer.client({ secretHash: undefined } as never),
    ]
    const { id, secret = '' } = confidentialClient
    const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const methods: Record<string, { fields: Record<string, string>; headers?: Record<string, string> }> = {
      client_secret_basic: { fields: {}, headers: { authorization: basic } },
      client_secret_post: { fields: { client_id: id, client_secret: secret } },
      none: { fields: { client_id: publicClient.id } },
    }
    for (const [name, path] of [
      ['token', '/token'],
      ['revocation', '/revoke'],
      ['introspection', '/introspect'],
    ] as const) {
      const advertised = document[`${name}_endpoint_auth_methods_supported`] ?? []
      for (const [method, { fields, headers }] of Object.entries(methods)) {
        const sent = { grant_type: 'refresh_token', refresh_token: 'x', token: 'x', ...fields }
        const { json } = await issuer.form(path, sent, headers)
        const accepted = json.error !== 'invalid_client'
        expect(accepted, `${method} at ${path}`).toBe(advertised.includes(method))
      }
      expect(advertised.every((method) => Object.hasOwn(methods, method))).toBe(true)
    }
  })

  test('the ID token and UserInfo carry exactly the advertised claims (A15)', async () => {
    const client = await issuer.client({ scopes: [...openidScopes] })
    const claims = standardClaims
    const user = await issuer.user({ name: '홍길동', username: 'hong', locale: 'ko', claims })
    const { idToken, accessToken } = await issuer.tokens(client, user, { nonce: 'n' })
    const userinfo = (await issuer.bearer('/userinfo', accessToken)).json
    const seen = new Set([...Object.keys(claimsOf(idToken)), ...Object.keys(userinfo)])
    expect([...seen].sort()).toEqual([...((await metadata()).claims_supported as string[])].sort())
  })

  test('the issuer grants every advertised scope and serves the advertised documentation (A15)', async () => {
    const document = (await metadata()) as Record<string, string[]>
    const scope = (document.scopes_supported ?? []).join(' ')
    const { answer } = await issuer.tokens(
      await issuer.client({ scopes: [...openidScopes] }),
      await issuer.user(),
      { scope },
    )
    expect(answer.json.scope).toBe(scope)
    expect(headerOf(String(answer.json.id_token)).alg).toBe(
      document.id_token_signing_alg_values_supported?.[0],
    )
    expect((await issuer.send(new URL(String(document.service_documentation)).pathname)).status).toBe(200)
  })

  test('the issuer supports every advertised prompt, response mode and language (A15)', async () => {
    const document = (await metadata()) as Record<string, string[]>
    const client = await issuer.client()
    for (const prompt of document.prompt_values_supported ?? []) {
      const page = await issuer.authorize(client, { prompt })
      expect(page.status, prompt).toBe(303)
    }
    for (const response_mode of document.response_modes_supported ?? [])
      expect((await issuer.authorize(client, { response_mode, prompt: 'none' })).status).toBeLessThan(400)
    for (const ui_locales of document.ui_locales_supported ?? []) {
      const agent = issuer.browser()
      const page = await agent.follow(await issuer.authorize(client, { ui_locales }, agent))
      expect(page.body).toContain(`lang="${ui_locales}"`)
    }
  })
})

test('clients cannot register over the network (A23)', async () => {
  const document = await metadata()
  expect(document).not.toHaveProperty('registration_endpoint')
  expect(document).not.toHaveProperty('client_id_metadata_document_supported')
  for (const path of ['/register/client', '/clients', '/connect/register', '/reg'])
    expect((await issuer.json(path, { redirect_uris: ['https://evil.example/cb'] })).status).toBe(404)
  const url = 'https://evil.example/client.json'
  const page = await issuer.authorize(await issuer.client(), { client_id: url })
  expect(page.status).toBe(400)
  expect(page.location).toBeUndefined()
})

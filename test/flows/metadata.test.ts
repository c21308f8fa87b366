import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await testIssuer()
})
afterAll(() => issuer.close())

const metadata = async () => (await issuer.send('/.well-known/openid-configuration')).json

test('A14: both addresses give the same document, to anybody', async () => {
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

test('A14: issuer is what is configured, without a slash at its end', async () => {
  expect((await metadata()).issuer).toBe(issuer.config.issuer)
})

test.each([
  'https://id.example.com/',
  'https://id.example.com/tenant',
  'http://id.example.com',
  'id.example.com',
  'https://id.example.com?x=1',
])('A14: an issuer that would not compare character by character does not start: %s', (address) => {
  expect(() => readConfig({ ISSUER: address })).toThrow(/ISSUER must/)
})

describe('A15: what is advertised, works', () => {
  test('A15: every endpoint answers, and not with 404', async () => {
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

  test('A15: PKCE is S256, always there, for every client that must see it (MCP)', async () => {
    expect((await metadata()).code_challenge_methods_supported).toEqual(['S256'])
  })

  test('A15: each advertised grant is known, and nothing else', async () => {
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

  test('A15: each advertised way of client authentication is taken', async () => {
    const document = await metadata()
    expect(document.token_endpoint_auth_methods_supported).toEqual([
      'client_secret_basic',
      'client_secret_post',
      'none',
    ])
    expect(document.introspection_endpoint_auth_methods_supported).not.toContain('none')
  })

  test('A15: each advertised prompt, response mode and language is taken', async () => {
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

test('A23: there is no registration of clients over the network', async () => {
  const document = await metadata()
  expect(document).not.toHaveProperty('registration_endpoint')
  expect(document).not.toHaveProperty('client_id_metadata_document_supported')
  for (const path of ['/register/client', '/clients', '/connect/register', '/reg'])
    expect((await issuer.json(path, { redirect_uris: ['https://evil.example/cb'] })).status).toBe(404)
  const url = 'https://evil.example/client.json'
  const { challenge } = { challenge: 'a'.repeat(43) }
  const page = await issuer
    .browser()
    .get(
      `/authorize?response_type=code&client_id=${encodeURIComponent(url)}&redirect_uri=https://evil.example/cb&code_challenge=${challenge}&code_challenge_method=S256`,
    )
  expect(page.status).toBe(400)
  expect(page.location).toBeUndefined()
})

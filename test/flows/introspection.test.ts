import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { faultyStores } from '../support/faulty-stores.ts'
import { claimsOf, type TestClient, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { sharedIssuer } from '../support/shared-issuer.ts'

const issuer = sharedIssuer()

const credentials = (client: TestClient) => ({
  client_id: client.id,
  ...(client.secret && { client_secret: client.secret }),
})
const introspect = (client: TestClient, token: string, extra: Record<string, string> = {}) =>
  issuer.form('/introspect', { token, ...extra, ...credentials(client) })
const revoke = (client: TestClient, token: string, extra: Record<string, string> = {}) =>
  issuer.form('/revoke', { token, ...extra, ...credentials(client) })

const audience = 'https://orders.example'

const signedIn = async (facts: Partial<TestClient> = {}) => {
  const client = await issuer.client({ audiences: [audience], ...facts })
  return { client, ...(await issuer.tokens(client, await issuer.user(), { resource: audience })) }
}

describe('introspection', () => {
  test('a service learns of tokens for its own API what the token says (A17)', async () => {
    const { client, accessToken } = await signedIn()
    const service = await issuer.client({ introspects: [audience] })
    const { status, headers, json } = await introspect(service, accessToken)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    const { iss, sub, aud, exp, iat, jti, client_id, scope, sid } = claimsOf(accessToken)
    expect(json).toMatchObject({
      active: true,
      token_type: 'Bearer',
      iss,
      sub,
      aud,
      exp,
      iat,
      jti,
      client_id,
      scope,
      sid,
    })
    expect(client_id).toBe(client.id)
    expect(JSON.stringify(json)).not.toContain('@')
  })

  test('of tokens for another API it learns nothing (A17)', async () => {
    const { accessToken, refreshToken, idToken } = await signedIn()
    const stranger = await issuer.client({ introspects: ['https://billing.example'] })
    for (const token of [accessToken, refreshToken, idToken]) {
      const { status, json } = await introspect(stranger, token)
      expect(status).toBe(200)
      expect(json).toEqual({ active: false })
    }
  })

  test('of anything that is no living access or refresh token, exactly that it is not (A17)', async () => {
    const { client, accessToken, refreshToken, idToken } = await signedIn()
    const dead = [
      idToken,
      'x',
      `${accessToken}x`,
      accessToken.slice(0, -4),
      `${refreshToken}x`,
      randomToken(),
      'drt_',
      '\u{1f511}',
      'a'.repeat(5000),
    ]
    for (const token of dead) expect((await introspect(client, token)).json).toEqual({ active: false })
    issuer.clock.advance(600)
    expect((await introspect(client, accessToken)).json).toEqual({ active: false })
    expect((await introspect(client, refreshToken)).json).toMatchObject({
      active: true,
      client_id: client.id,
    })
  })

  test('a used refresh token is not active, its successor is (A17)', async () => {
    const { client, refreshToken } = await signedIn()
    const next = String((await issuer.refresh(client, refreshToken)).json.refresh_token)
    expect((await introspect(client, refreshToken)).json).toEqual({ active: false })
    expect((await introspect(client, next)).json.active).toBe(true)
  })

  test('without credentials, with wrong ones, or as a public client: 401 (A17)', async () => {
    const { accessToken } = await signedIn()
    const publicClient = await issuer.client({ secretHash: undefined } as never)
    for (const fields of [{}, { client_id: 'nobody', client_secret: 'x' }, { client_id: publicClient.id }]) {
      const { status, json } = await issuer.form('/introspect', { token: accessToken, ...fields } as Record<
        string,
        string
      >)
      expect(status).toBe(401)
      expect(json.error).toBe('invalid_client')
    }
    expect((await issuer.bearer('/introspect', accessToken, 'POST')).status).toBeGreaterThanOrEqual(400)
  })

  test('a wrong token_type_hint does not hide a token, a missing token is invalid_request (A17)', async () => {
    const { client, accessToken, refreshToken } = await signedIn()
    expect((await introspect(client, accessToken, { token_type_hint: 'refresh_token' })).json.active).toBe(
      true,
    )
    expect((await introspect(client, refreshToken, { token_type_hint: 'nonsense' })).json.active).toBe(true)
    const { status, json } = await issuer.form('/introspect', credentials(client))
    expect([status, json.error]).toEqual([400, 'invalid_request'])
  })
})

describe('revocation', () => {
  test('unknown, dead and foreign tokens are a success, and die no further (A16)', async () => {
    const { client, refreshToken, accessToken } = await signedIn()
    const stranger = await issuer.client()
    for (const token of ['x', randomToken(), `${accessToken}x`, refreshToken, accessToken]) {
      const { status, body } = await revoke(stranger, token)
      expect([status, body]).toEqual([200, ''])
    }
    expect((await introspect(client, accessToken)).json.active).toBe(true)
    expect((await issuer.refresh(client, refreshToken)).status).toBe(200)
    await revoke(client, accessToken)
    expect((await revoke(client, accessToken)).status).toBe(200)
  })

  test('a wrong token_type_hint is tolerated (A16)', async () => {
    const { client, accessToken, refreshToken } = await signedIn()
    await revoke(client, accessToken, { token_type_hint: 'refresh_token' })
    expect((await introspect(client, accessToken)).json).toEqual({ active: false })
    await revoke(client, refreshToken, { token_type_hint: 'access_token' })
    expect((await introspect(client, refreshToken)).json).toEqual({ active: false })
  })

  test('a refresh token takes its family and its living access tokens along (A16)', async () => {
    const { client, accessToken, refreshToken } = await signedIn()
    const { json } = await issuer.refresh(client, refreshToken)
    await revoke(client, String(json.refresh_token))
    for (const token of [accessToken, String(json.access_token), String(json.refresh_token)])
      expect((await introspect(client, token)).json).toEqual({ active: false })
    expect((await issuer.refresh(client, String(json.refresh_token))).json.error).toBe('invalid_grant')
  })

  test('wants the client’s credentials (A16)', async () => {
    const { client, accessToken } = await signedIn()
    const { status, json } = await issuer.form('/revoke', { token: accessToken, client_id: client.id })
    expect([status, json.error]).toEqual([401, 'invalid_client'])
    expect((await introspect(client, accessToken)).json.active).toBe(true)
  })

  test('a public client revokes its own by name alone (A16)', async () => {
    const { client, refreshToken } = await signedIn({ secretHash: undefined } as never)
    expect((await revoke(client, refreshToken)).status).toBe(200)
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
  })

  test('with a store down it is 503 with Retry-After, and can be said again (A16)', async () => {
    const stores = faultyStores(memoryStores())
    const frail = await testIssuer({ stores: stores.stores })
    try {
      const client = await frail.client()
      const { refreshToken } = await frail.tokens(client, await frail.user())
      stores.failAll()
      const down = await frail.form('/revoke', { token: refreshToken, ...credentials(client) })
      expect(down.status).toBe(503)
      expect(down.headers.get('retry-after')).toMatch(/^\d+$/)
      stores.mend()
      expect((await frail.form('/revoke', { token: refreshToken, ...credentials(client) })).status).toBe(200)
      expect((await frail.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
    } finally {
      await frail.close()
    }
  })
})

import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { faultyStores } from '../support/faulty-stores.ts'
import { claimsOf, credentialsOf, type TestClient, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const introspect = (client: TestClient, token: string, extra: Record<string, string> = {}) =>
  issuer.form('/introspect', { token, ...extra, ...credentialsOf(client) })
const revoke = (client: TestClient, token: string, extra: Record<string, string> = {}) =>
  issuer.form('/revoke', { token, ...extra, ...credentialsOf(client) })

const audience = 'https://orders.example'

const signedIn = async (facts: Partial<TestClient> = {}) => {
  const client = await issuer.client({ audiences: [audience], ...facts })
  return { client, ...(await issuer.tokens(client, await issuer.user(), { resource: audience })) }
}

describe('introspection', () => {
  test('a service that introspects a token of its API gets the token’s claims (A17)', async () => {
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

  test('a service that introspects tokens of another API gets active: false and nothing else (A17)', async () => {
    const { accessToken, refreshToken, idToken } = await signedIn()
    const stranger = await issuer.client({ introspects: ['https://billing.example'] })
    for (const token of [accessToken, refreshToken, idToken]) {
      const { status, json } = await introspect(stranger, token)
      expect(status).toBe(200)
      expect(json).toEqual({ active: false })
    }
  })

  test('introspection answers {"active": false} and nothing else for ID tokens, malformed and expired tokens (A17)', async () => {
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

  test('a used refresh token is inactive and its successor is active (A17)', async () => {
    const { client, refreshToken } = await signedIn()
    const next = String((await issuer.refresh(client, refreshToken)).json.refresh_token)
    expect((await introspect(client, refreshToken)).json).toEqual({ active: false })
    expect((await introspect(client, next)).json.active).toBe(true)
  })

  test('introspection answers 401 without credentials, with wrong ones and to a public client (A17)', async () => {
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

  test('introspection ignores a wrong token_type_hint and answers invalid_request without a token (A17)', async () => {
    const { client, accessToken, refreshToken } = await signedIn()
    expect((await introspect(client, accessToken, { token_type_hint: 'refresh_token' })).json.active).toBe(
      true,
    )
    expect((await introspect(client, refreshToken, { token_type_hint: 'nonsense' })).json.active).toBe(true)
    const { status, json } = await issuer.form('/introspect', credentialsOf(client))
    expect([status, json.error]).toEqual([400, 'invalid_request'])
  })
})

describe('revocation', () => {
  test('revocation answers 200 to unknown and foreign tokens and changes nothing (A16)', async () => {
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

  test('revocation finds a token despite a wrong token_type_hint (A16)', async () => {
    const { client, accessToken, refreshToken } = await signedIn()
    await revoke(client, accessToken, { token_type_hint: 'refresh_token' })
    expect((await introspect(client, accessToken)).json).toEqual({ active: false })
    await revoke(client, refreshToken, { token_type_hint: 'access_token' })
    expect((await introspect(client, refreshToken)).json).toEqual({ active: false })
  })

  test('revoking a refresh token ends its family and its valid access tokens (A16)', async () => {
    const { client, accessToken, refreshToken } = await signedIn()
    const { json } = await issuer.refresh(client, refreshToken)
    await revoke(client, String(json.refresh_token))
    for (const token of [accessToken, String(json.access_token), String(json.refresh_token)])
      expect((await introspect(client, token)).json).toEqual({ active: false })
    expect((await issuer.refresh(client, String(json.refresh_token))).json.error).toBe('invalid_grant')
  })

  test('revocation answers 401 without the client’s credentials (A16)', async () => {
    const { client, accessToken } = await signedIn()
    const { status, json } = await issuer.form('/revoke', { token: accessToken, client_id: client.id })
    expect([status, json.error]).toEqual([401, 'invalid_client'])
    expect((await introspect(client, accessToken)).json.active).toBe(true)
  })

  test('a public client revokes its own token with its client_id only (A16)', async () => {
    const { client, refreshToken } = await signedIn({ secretHash: undefined } as never)
    expect((await revoke(client, refreshToken)).status).toBe(200)
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
  })

  test('revocation answers 503 with Retry-After while the store is down, and a retry succeeds (A16)', async () => {
    const stores = faultyStores(memoryStores())
    const frail = await testIssuer({ stores: stores.stores })
    try {
      const client = await frail.client()
      const { refreshToken } = await frail.tokens(client, await frail.user())
      stores.failAll()
      const down = await frail.form('/revoke', { token: refreshToken, ...credentialsOf(client) })
      expect(down.status).toBe(503)
      expect(down.headers.get('retry-after')).toMatch(/^\d+$/)
      stores.repair()
      expect((await frail.form('/revoke', { token: refreshToken, ...credentialsOf(client) })).status).toBe(
        200,
      )
      expect((await frail.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
    } finally {
      await frail.close()
    }
  })
})

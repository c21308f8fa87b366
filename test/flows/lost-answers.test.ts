// The connection dies after the issuer has done what was asked and before the client hears of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimsOf, type TestClient, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { type Severable, severable } from '../support/severable.ts'

let issuer: TestIssuer
let way: Severable
beforeAll(async () => {
  issuer = await testIssuer()
  way = await severable(issuer.url)
})
afterAll(async () => {
  await way.sever()
  await issuer.close()
})

/** Sends it by a way that swallows the answer. */
const unheard = async (path: string, fields: Record<string, string>) => {
  way.loseNextAnswer()
  const asking = fetch(`${way.url}${path}`, {
    method: 'POST',
    headers: { connection: 'close' },
    body: new URLSearchParams(fields),
  })
  await expect(asking).rejects.toThrow()
}

const refreshing = (client: TestClient, refresh_token: string) => ({
  ...{ grant_type: 'refresh_token', refresh_token, client_id: client.id },
  client_secret: client.secret ?? '',
})

const signedIn = async (facts: Parameters<TestIssuer['client']>[0] = {}) => {
  const [client, user] = [await issuer.client(facts), await issuer.user()]
  const tokens = await issuer.tokens(client, user)
  const familyId = String(claimsOf(tokens.accessToken).sid)
  const generation = async () => (await issuer.stores.refreshTokens.find(familyId))?.generation
  return { client, user, tokens, generation }
}

describe('a refresh whose answer is lost', () => {
  test('was done, and the retry gets tokens that work (C10)', async () => {
    const { client, tokens, generation } = await signedIn()
    await unheard('/token', refreshing(client, tokens.refreshToken))
    expect(await generation()).toBe(1)

    const retried = await issuer.refresh(client, tokens.refreshToken)
    expect(retried.status).toBe(200)
    expect(await generation()).toBe(1)
    expect((await issuer.bearer('/userinfo', String(retried.json.access_token))).status).toBe(200)
    expect((await issuer.refresh(client, String(retried.json.refresh_token))).status).toBe(200)
  })

  test('lost three times in a row, it is still the same successor (C10)', async () => {
    const { client, tokens, generation } = await signedIn()
    for (let time = 0; time < 3; time += 1) await unheard('/token', refreshing(client, tokens.refreshToken))
    const retried = await issuer.refresh(client, tokens.refreshToken)
    expect(retried.status).toBe(200)
    expect(await generation()).toBe(1)
  })

  test('at the first-party API too (C10)', async () => {
    const { email, password } = await issuer.user()
    const { json } = await issuer.json('/api/token', { email, password })
    way.loseNextAnswer()
    const asking = fetch(`${way.url}/api/token/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh: json.refresh }),
    })
    await expect(asking).rejects.toThrow()
    const retried = await issuer.json('/api/token/refresh', { refresh: json.refresh })
    expect(retried.status).toBe(200)
    expect((await issuer.bearer('/api/users/me', String(retried.json.access))).status).toBe(200)
    expect((await issuer.json('/api/token/refresh', { refresh: retried.json.refresh })).status).toBe(200)
  })

  test('a client whose token is not rotated needs no grace for it (C10)', async () => {
    const { client, tokens } = await signedIn({ refreshPolicy: { kind: 'reuse' } })
    await unheard('/token', refreshing(client, tokens.refreshToken))
    issuer.clock.advance(3600)
    expect((await issuer.refresh(client, tokens.refreshToken)).status).toBe(200)
  })
})

describe('a code whose answer is lost', () => {
  test('is spent; a silent sign-in gets a new one (C10)', async () => {
    const [client, user, agent] = [await issuer.client(), await issuer.user(), issuer.browser()]
    const { code, verifier } = await issuer.code(client, user, {}, agent)
    await unheard('/token', {
      ...{ grant_type: 'authorization_code', code, code_verifier: verifier, client_id: client.id },
      client_secret: client.secret ?? '',
    })
    expect((await issuer.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
    const again = await issuer.tokens(client, user, { prompt: 'none' }, agent)
    expect((await issuer.refresh(client, again.refreshToken)).status).toBe(200)
  })
})

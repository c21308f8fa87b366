// The connection breaks after the issuer handled the request and before the client reads the answer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimsOf, credentialsOf, type TestClient, type TestIssuer } from '../support/issuer.ts'
import { type Severable, severable } from '../support/severable.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()
let connection: Severable
beforeAll(async () => {
  connection = await severable(issuer.url)
})
afterAll(() => connection.sever())

/** Sends a request whose answer is lost on the way. */
const loseAnswer = async (path: string, fields: Record<string, string>) => {
  connection.loseNextAnswer()
  const request = fetch(`${connection.url}${path}`, {
    method: 'POST',
    headers: { connection: 'close' },
    body: new URLSearchParams(fields),
  })
  await expect(request).rejects.toThrow()
}

const refreshRequest = (client: TestClient, refresh_token: string) => ({
  grant_type: 'refresh_token',
  refresh_token,
  ...credentialsOf(client),
})

const signedIn = async (facts: Parameters<TestIssuer['client']>[0] = {}) => {
  const [client, user] = [await issuer.client(facts), await issuer.user()]
  const tokens = await issuer.tokens(client, user)
  const familyId = String(claimsOf(tokens.accessToken).sid)
  const generation = async () => (await issuer.stores.refreshTokens.find(familyId))?.generation
  return { client, user, tokens, generation }
}

describe('a refresh whose answer is lost', () => {
  test('a refresh whose answer was lost took effect, and the retry gets working tokens (C10)', async () => {
    const { client, tokens, generation } = await signedIn()
    await loseAnswer('/token', refreshRequest(client, tokens.refreshToken))
    expect(await generation()).toBe(1)

    const retried = await issuer.refresh(client, tokens.refreshToken)
    expect(retried.status).toBe(200)
    expect(await generation()).toBe(1)
    expect((await issuer.bearer('/userinfo', String(retried.json.access_token))).status).toBe(200)
    expect((await issuer.refresh(client, String(retried.json.refresh_token))).status).toBe(200)
  })

  test('three lost answers in a row leave the family at one new generation (C10)', async () => {
    const { client, tokens, generation } = await signedIn()
    for (let time = 0; time < 3; time += 1)
      await loseAnswer('/token', refreshRequest(client, tokens.refreshToken))
    const retried = await issuer.refresh(client, tokens.refreshToken)
    expect(retried.status).toBe(200)
    expect(await generation()).toBe(1)
  })

  test('a lost refresh answer of the first-party API can be requested again (C10)', async () => {
    const { email, password } = await issuer.user()
    const { json } = await issuer.json('/api/token', { email, password })
    connection.loseNextAnswer()
    const request = fetch(`${connection.url}/api/token/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh: json.refresh }),
    })
    await expect(request).rejects.toThrow()
    const retried = await issuer.json('/api/token/refresh', { refresh: json.refresh })
    expect(retried.status).toBe(200)
    expect((await issuer.bearer('/api/users/me', String(retried.json.access))).status).toBe(200)
    expect((await issuer.json('/api/token/refresh', { refresh: retried.json.refresh })).status).toBe(200)
  })

  test('a client that reuses its refresh token can retry at any time (C10)', async () => {
    const { client, tokens } = await signedIn({ refreshPolicy: { kind: 'reuse' } })
    await loseAnswer('/token', refreshRequest(client, tokens.refreshToken))
    issuer.clock.advance(3600)
    expect((await issuer.refresh(client, tokens.refreshToken)).status).toBe(200)
  })
})

describe('a code whose answer is lost', () => {
  test('a code whose answer was lost is used up, and a silent sign-in gets a new one (C10)', async () => {
    const [client, user, agent] = [await issuer.client(), await issuer.user(), issuer.browser()]
    const { code, verifier } = await issuer.code(client, user, {}, agent)
    await loseAnswer('/token', {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      ...credentialsOf(client),
    })
    expect((await issuer.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
    const again = await issuer.tokens(client, user, { prompt: 'none' }, agent)
    expect((await issuer.refresh(client, again.refreshToken)).status).toBe(200)
  })
})

// A backend of the team that signs users in at /api/token, and names the address of each user.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { claimsOf, type TestClient, type TestIssuer, testIssuer } from '../support/issuer.ts'

let issuer: TestIssuer
let backend: TestClient
beforeEach(async () => {
  issuer = await testIssuer()
  backend = await issuer.client()
})
afterEach(() => issuer.close())

const basic = (id: string, secret = ''): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})

const signIn = (body: Record<string, string>, headers = basic(backend.id, backend.secret)) =>
  issuer.json('/api/token', body, headers)

test('the sign-ins of a backend count for the networks of its users, and not for its own (F4)', async () => {
  const { email, password } = await issuer.user()
  const attacker = () => ({ email: `${randomToken(6)}@example.com`, password, user_address: '198.51.100.7' })
  for (let count = 0; count < 60; count += 1) expect((await signIn(attacker())).status).toBe(401)
  expect((await signIn(attacker())).status).toBe(429)
  expect((await signIn({ email, password, user_address: '2001:db8::9' })).status).toBe(200)
  // Without the address the backend is one network, which has failed at nothing yet.
  expect((await signIn({ email, password: randomToken() })).status).toBe(401)
})

test('the audit log and the list of sessions name the address of the user, and the tokens belong to the backend (I4)', async () => {
  const { email, password, id } = await issuer.user()
  const { json } = await signIn({ email, password, user_address: '203.0.113.9' })
  expect(claimsOf(String(json.access))).toMatchObject({ client_id: backend.id, sub: id })
  expect(await issuer.stores.sessions.listOfUser(id)).toMatchObject([{ ip: '203.0.113.9' }])
  const events = issuer.logLines.map((line) => JSON.parse(line).audit)
  expect(events.find((event) => event?.type === 'login.succeeded')).toMatchObject({ ip: '203.0.113.9' })
  expect((await issuer.json('/api/token/refresh', { refresh: json.refresh })).status).toBe(200)
})

test('user_address is rejected without the authentication of a first-party client with a secret (H3)', async () => {
  const { email, password } = await issuer.user()
  const body = { email, password, user_address: '203.0.113.9' }
  const publicClient = await issuer.client({ secretHash: undefined } as never)
  const thirdParty = await issuer.client({ firstParty: false })
  const refused = async (headers: Record<string, string>) => {
    const answer = await signIn(body, headers)
    return [answer.status, answer.json.code]
  }
  expect(await refused({})).toEqual([401, 'invalid_client'])
  expect(await refused(basic(backend.id, 'wrong'))).toEqual([401, 'invalid_client'])
  expect(await refused(basic('unknown', 'wrong'))).toEqual([401, 'invalid_client'])
  expect(await refused(basic(publicClient.id))).toEqual([401, 'invalid_client'])
  expect(await refused({ authorization: 'Basic ?' })).toEqual([401, 'invalid_client'])
  expect(await refused(basic(thirdParty.id, thirdParty.secret))).toEqual([403, 'first_party_only'])
  expect(issuer.logLines.some((line) => line.includes('"login.succeeded"'))).toBe(false)
})

test('a user_address that is not an IP address gets 400', async () => {
  const { email, password } = await issuer.user()
  for (const user_address of ['localhost', '203.0.113.9:443', '203.0.113.9, 10.0.0.1', '10.0.0.0/8']) {
    const answer = await signIn({ email, password, user_address })
    expect([answer.status, answer.json.code], user_address).toEqual([400, 'invalid_request'])
  }
})

test('wrong secrets of a backend are throttled, but the right one never is (H2)', async () => {
  const { email, password } = await issuer.user()
  const wrong = () => signIn({ email, password }, basic(backend.id, 'wrong'))
  for (let count = 0; count < 20; count += 1) expect((await wrong()).headers.get('retry-after')).toBeNull()
  expect(Number((await wrong()).headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await signIn({ email, password })).status).toBe(200)
})

test('sign-ups through a backend count for the networks of its users (H2)', async () => {
  const register = (user_address: string) =>
    issuer.json(
      '/api/users',
      { email: `${randomToken(9)}@example.com`, password: randomToken(16), user_address },
      basic(backend.id, backend.secret),
    )
  for (let count = 0; count < 20; count += 1) expect((await register('198.51.100.7')).status).toBe(201)
  expect((await register('198.51.100.7')).status).toBe(429)
  expect((await register('198.51.100.8')).status).toBe(201)
})

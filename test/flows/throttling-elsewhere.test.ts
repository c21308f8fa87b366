// Everything that is throttled besides guesses of a password at sign-in.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { deviceIn, flood, issuerBehindProxy, onApi, onPage, retryAfter } from '../support/guesses.ts'
import type { TestIssuer } from '../support/issuer.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await issuerBehindProxy()
})
afterEach(() => issuer.close())

test('a password change is throttled like a sign-in, with Retry-After (F4)', async () => {
  const user = await issuer.user()
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: user.email, password: user.password })
  const change = () =>
    agent.submit('/account/password', { current: randomToken(16), password: randomToken(16) })
  for (let count = 0; count < 10; count += 1) expect((await change()).status).toBe(401)
  const throttled = await change()
  expect(throttled.status).toBe(429)
  expect(throttled.headers.get('retry-after')).toMatch(/^\d+$/)
})

test('one network may register twenty accounts an hour, and then gets 429 with Retry-After (H2)', async () => {
  const register = (from: string) =>
    issuer.json(
      '/api/users',
      { email: `${randomToken(9)}@example.com`, password: randomToken(16) },
      { 'x-forwarded-for': from },
    )
  const answers = await Promise.all(Array.from({ length: 30 }, () => register('198.51.100.7')))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(20)
  const [refused] = answers.filter(({ status }) => status === 429)
  expect(refused?.json).toMatchObject({ status: 429, code: 'too_many_requests' })
  expect(refused && retryAfter(refused)).toBe(180)
  expect((await register('198.51.100.8')).status).toBe(201)
  const fromOneSite = await flood(90, (index) => register(`2001:db8:7:${index.toString(16)}00::1`))
  expect(fromOneSite.filter((status) => status === 201)).toHaveLength(80)
})

test('wrong client secrets are throttled, but the right one never is (H2)', async () => {
  const client = await issuer.client({ grants: ['client_credentials'] })
  const ask = (secret: string) =>
    issuer.form('/token', { grant_type: 'client_credentials', client_id: client.id, client_secret: secret })
  for (let count = 0; count < 20; count += 1) {
    const answer = await ask(randomToken())
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([401, null])
  }
  const throttled = await ask(randomToken())
  expect([throttled.status, throttled.json.error]).toEqual([401, 'invalid_client'])
  expect(retryAfter(throttled)).toBeGreaterThan(0)
  expect((await ask(client.secret ?? '')).status).toBe(200)
})

test('100 sign-ins with the right password do not end the session in the owner’s browser (E5)', async () => {
  const { email, password } = await issuer.user()
  const owner = issuer.browser()
  const signedIn = await owner.submit('/login/password', { login: email, password })
  const thief = { login: email, password, from: '198.51.100.7' }
  issuer.clock.advance(1)
  // One after the other, because the oldest of concurrent sessions would end during its sign-in.
  for (let count = 0; count < 110; count += 1) expect((await onApi(issuer, thief)).status).toBe(200)
  const onPages = await flood(110, () => onPage(issuer, thief))
  expect(onPages.filter((status) => status === 303)).toHaveLength(59)
  expect(onPages.filter((status) => status === 429)).toHaveLength(51)
  expect((await owner.get('/account')).status).toBe(200)

  // The thief's new devices have the same limit. A device that is a day old has none.
  const device = owner.cookies.get('__Host-dojang_device')
  expect((await onPage(issuer, { ...thief, device })).status).toBe(429)
  issuer.clock.advance(86_400 - 1)
  await flood(110, () => onPage(issuer, thief))
  expect((await onPage(issuer, thief)).status).toBe(429)
  expect((await onPage(issuer, { ...thief, device })).status).toBe(303)
  expect(signedIn.status).toBe(303)
})

test('a browser that registers a user is a known device of the user (F4)', async () => {
  const agent = issuer.browser()
  const [email, password] = [`${randomToken(9)}@example.com`.toLowerCase(), randomToken(16)]
  await agent.submit('/register', { email, password })
  const device = agent.cookies.get('__Host-dojang_device')
  await flood(30, (index) => onApi(issuer, { login: email, from: `10.0.${index}.1` }))
  expect((await onApi(issuer, { login: email, password, from: '203.0.113.9' })).status).toBe(429)
  const known = await onPage(issuer, { login: email, password, device, from: '203.0.113.9' })
  expect([known.status, deviceIn(known)]).toEqual([303, device])
})

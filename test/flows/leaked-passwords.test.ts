// The lookup of leaked passwords in every place that sets a password, and in no other place.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { auditEventTypes } from '../../src/audit.ts'
import { randomToken } from '../../src/secrets.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'
import { type RangeService, rangeService, sha1Of } from '../support/range-service.ts'

const leaked = 'wipe cactus ninety plaster'
const fresh = 'gondola ferment eyebrow sulphur'

let service: RangeService
let issuer: TestIssuer

beforeAll(async () => {
  service = await rangeService()
  service.leak(leaked)
  issuer = await testIssuer({ env: { LEAKED_PASSWORDS_URL: `${service.url}/` } })
})
afterEach(() => {
  service.misbehave = undefined
  service.requests.length = 0
})
afterAll(async () => {
  await issuer.close()
  await service.close()
})

const address = () => `${Buffer.from(randomToken(6)).toString('hex')}@example.com`

test('the API rejects a leaked password and creates no account (F3)', async () => {
  const email = address()
  const refused = await issuer.json('/api/users', { email, password: leaked })
  expect(refused.status).toBe(422)
  expect(refused.json).toMatchObject({
    code: 'password_leaked',
    detail: 'This password has appeared in a data leak.',
  })
  expect(await issuer.stores.users.findByLogin(email)).toBeUndefined()
  expect((await issuer.json('/api/users', { email, password: fresh })).status).toBe(201)
  expect(service.requests).toHaveLength(2)
})

test('the pages reject a leaked password in Korean and English, and the old one stays valid (F3)', async () => {
  for (const [lang, words] of [
    ['ko', '유출된 적이 있는 비밀번호예요'],
    ['en', 'appeared in a data leak'],
  ] as const) {
    const agent = issuer.browser()
    const refused = await agent.submit('/register', { email: address(), password: leaked, ui_locales: lang })
    expect(refused.status).toBe(422)
    expect(refused.body).toContain(words)

    const user = await issuer.user()
    await agent.submit('/login/password', { login: user.email, password: user.password })
    const change = { current: user.password, password: leaked, ui_locales: lang }
    const unchanged = await agent.submit('/account/password', change)
    expect(unchanged.status).toBe(422)
    expect(unchanged.body).toContain(words)
    expect((await issuer.json('/api/token', { email: user.email, password: user.password })).status).toBe(200)
  }
})

test('the command line rejects a leaked password (F3)', async () => {
  const { operations } = issuer.app
  await expect(operations['users.create']({ email: address(), password: leaked })).rejects.toThrow(
    'The password is in a known leak',
  )
  const { email } = await issuer.user()
  await expect(operations['users.set-password']({ user: email, password: leaked })).rejects.toThrow(
    'The password is in a known leak',
  )
})

test('a sign-in, a weak password and a wrong current password cause no lookup (F3)', async () => {
  const user = await issuer.user({ password: leaked })
  expect((await issuer.json('/api/token', { email: user.email, password: leaked })).status).toBe(200)
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: user.email, password: leaked })
  await agent.submit('/account/password', { current: 'not the current one', password: fresh })
  await agent.submit('/account/password', { current: leaked, password: 'passwordpassword' })
  await issuer.json('/api/users', { email: address(), password: 'short' })
  await issuer.json('/api/users', { email: 'not an address', password: fresh })
  expect(service.requests).toEqual([])
})

test('a network that registers too often causes no more lookups (F3)', async () => {
  const from = await testIssuer({
    env: { LEAKED_PASSWORDS_URL: service.url, TRUSTED_PROXIES: '127.0.0.1' },
  })
  const register = () =>
    from.json('/api/users', { email: address(), password: leaked }, { 'x-forwarded-for': '203.0.113.5' })
  for (let count = 0; count < 20; count += 1) expect((await register()).status).toBe(422)
  expect((await register()).status).toBe(429)
  expect(service.requests).toHaveLength(20)
  await from.close()
})

test('a broken service lets a registration pass, with an audit event and nothing of the hash in the log (F3, H9)', async () => {
  service.misbehave = (response) => response.writeHead(500).end()
  const email = address()
  expect((await issuer.json('/api/users', { email, password: fresh })).status).toBe(201)
  const created = issuer.logLines.map((line) => JSON.parse(line).audit).filter(Boolean)
  const [event] = created.filter(({ type }) => type === 'password.leak_check_failed').slice(-1)
  expect(event).toMatchObject({ actor: 'system', reason: 'status 500' })
  expect(event.requestId).toBe(created.findLast(({ type }) => type === 'user.registered')?.requestId)
  expect(auditEventTypes).toContain('password.leak_check_failed')
  const log = issuer.logLines.join('\n').toUpperCase()
  for (const password of [leaked, fresh]) {
    expect(log).not.toContain(sha1Of(password).slice(5))
    expect(log).not.toContain(`RANGE/${sha1Of(password).slice(0, 5)}`)
    expect(log).not.toContain(password.toUpperCase())
  }
})

// The mark of a known device, in the browser's cookie and at /api/token.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { deviceIn, flood, type Guess, issuerBehindProxy, onApi, onPage } from '../support/guesses.ts'
import type { Answer, TestIssuer, TestUser } from '../support/issuer.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await issuerBehindProxy()
})
afterEach(() => issuer.close())

const deviceOf = async (login: string, password: string): Promise<string> => {
  const device = deviceIn(await onPage(issuer, { login, password, from: '203.0.113.9' }))
  if (device === undefined) throw new Error('The sign-in set no device cookie.')
  return device
}

/** Spends the strangers' budget of the account. */
const attack = ({ email }: TestUser) =>
  flood(30, (index) => onApi(issuer, { login: email, from: `10.0.${index}.1` }))

const places = [
  { place: '/login/password', attempt: onPage, ok: 303 },
  { place: '/api/token', attempt: onApi, ok: 200 },
]

describe.each(places)('a known device at $place', ({ attempt, ok }) => {
  const guess = (one: Guess): Promise<Answer> => attempt(issuer, { from: '198.51.100.7', ...one })
  const fail = async (one: Guess, times: number) => {
    for (let count = 0; count < times; count += 1) expect((await guess(one)).status).toBe(401)
  }

  test('a known device can sign in during an attack on the account, even from the attacker’s network (F4)', async () => {
    const { email, password } = await issuer.user()
    const device = await deviceOf(email, password)
    for (let count = 0; count < 20; count += 1) await guess({ login: email })
    for (let count = 0; count < 70; count += 1) await guess({ login: `${randomToken(6)}@example.com` })
    expect((await guess({ login: email, password })).status).toBe(429)
    expect((await guess({ login: email, password, device })).status).toBe(ok)
  })

  test('a device cookie counts only for its own account and has a limit of its own (F4)', async () => {
    const [own, victim] = [await issuer.user(), await issuer.user()]
    const device = await deviceOf(own.email, own.password)
    const [id, issuedAt] = device.split('.')
    const forged = `${randomToken(16)}.${issuedAt}.${randomToken()}`
    const later = `${id}.${Number(issuedAt) + 1}.${device.split('.')[2]}`
    for (let count = 0; count < 11; count += 1) await guess({ login: victim.email })
    for (const one of [device, forged, `${device}.x`, 'x', '%00.%00', later])
      expect((await guess({ login: victim.email, device: one })).status).toBe(429)

    await fail({ login: own.email, device }, 10)
    expect((await guess({ login: own.email, password: own.password, device })).status).toBe(429)
    // A changed mark is not the device. Failures on the device do not count against the account.
    for (const changed of [later, `${device}.x`, `${id}.${issuedAt}`])
      expect((await guess({ login: own.email, password: own.password, device: changed })).status).toBe(ok)
  })

  test('the mark of another user’s device means nothing for a name without an account (F5)', async () => {
    const { email, password } = await issuer.user()
    const device = await deviceOf(email, password)
    const wrong = await guess({ login: email })
    const unknown = await guess({ login: `${randomToken(6)}@example.com`, device })
    expect([unknown.status, unknown.json]).toEqual([wrong.status, wrong.json])
  })

  test('the mark of a device ends after 180 days, and then the sign-in gives a new one (F4)', async () => {
    const user = await issuer.user()
    const device = await deviceOf(user.email, user.password)
    const signIn = async () => {
      await attack(user)
      return guess({ login: user.email, password: user.password, device, from: '198.51.100.1' })
    }
    issuer.clock.advance(180 * 86_400 - 1)
    await attack(user)
    expect((await guess({ login: user.email, password: user.password, device })).status).toBe(ok)
    issuer.clock.advance(1)
    expect((await signIn()).status).toBe(429)
    issuer.clock.advance(86_400)
    const again = await guess({ login: user.email, password: user.password, device, from: '198.51.100.1' })
    expect(again.status).toBe(ok)
    const renewed = deviceIn(again) ?? again.json.device_token
    expect(renewed).toMatch(/^[\w-]+\.\d+\.[\w-]+$/)
    expect(renewed).not.toBe(device)
  })

  test('a new password ends the marks and the known networks of the old one (F4)', async () => {
    const user = await issuer.user()
    const from = '203.0.113.9'
    const device = await deviceOf(user.email, user.password)
    const password = randomToken(16)
    await issuer.app.operations['users.set-password']({ user: user.email, password })
    await attack(user)
    expect((await guess({ login: user.email, password, device, from })).status).toBe(429)
    issuer.clock.advance(86_400)
    expect((await guess({ login: user.email, password, from })).status).toBe(ok)
    await attack(user)
    expect((await guess({ login: user.email, password, from })).status).toBe(ok)
  })
})

test('a user who changes the password keeps the browser as a known device, and the old mark ends (F4)', async () => {
  const user = await issuer.user()
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: user.email, password: user.password })
  const old = agent.cookies.get('__Host-dojang_device')
  const password = randomToken(16)
  await agent.submit('/account/password', { current: user.password, password })
  const device = agent.cookies.get('__Host-dojang_device')
  expect(device).not.toBe(old)
  await attack(user)
  const signIn = (mark: string | undefined) =>
    onApi(issuer, { login: user.email, password, device: mark, from: '198.51.100.7' })
  expect((await signIn(old)).status).toBe(429)
  expect((await signIn(device)).status).toBe(200)
})

describe('device_token at /api/token', () => {
  const signIn = (body: Record<string, string>, from = '198.51.100.7') =>
    issuer.json('/api/token', body, { 'x-forwarded-for': from })

  test('an app that sends the device_token of its last sign-in gets in during an attack (F4)', async () => {
    const user = await issuer.user()
    const { email, password } = user
    const { device_token: device } = (await signIn({ email, password }, '203.0.113.9')).json
    await attack(user)
    expect((await signIn({ email, password })).status).toBe(429)
    const known = await signIn({ email, password, device_token: String(device) })
    expect([known.status, known.json.device_token]).toEqual([200, device])
    const other = await issuer.user()
    await attack(other)
    const foreign = { email: other.email, password: other.password, device_token: String(device) }
    expect((await signIn(foreign)).status).toBe(429)
  })

  test('with delivery=cookie the device token is in the device cookie and not in the body (F4)', async () => {
    const { email, password } = await issuer.user()
    const answer = await signIn({ email, password, delivery: 'cookie' })
    expect(answer.json).not.toHaveProperty('device_token')
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('__Host-dojang_device='))
    expect(cookie).toMatch(/; Max-Age=15552000; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  })

  test('a device_token that is not a string gets 400', async () => {
    const { email, password } = await issuer.user()
    const answer = await issuer.json('/api/token', { email, password, device_token: 7 })
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid_request'])
  })
})

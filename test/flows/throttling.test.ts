import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { Unavailable } from '../../src/unavailable.ts'
import { type Answer, type TestIssuer, type TestIssuerOptions, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

let issuer: TestIssuer
const open = async (options: TestIssuerOptions = {}) => {
  issuer = await testIssuer({ ...options, env: { TRUSTED_PROXIES: '127.0.0.1', ...options.env } })
}
beforeEach(() => open())
afterEach(() => issuer.close())

interface Guess {
  login: string
  password?: string
  /** The client address that the trusted proxy reports. */
  from?: string
  device?: string | undefined
}

const headersOf = ({ from, device }: Guess) => ({
  ...(from !== undefined && { 'x-forwarded-for': from }),
  ...(device !== undefined && { cookie: `__Host-dojang_device=${device}` }),
})

const onPage = (guess: Guess): Promise<Answer> =>
  issuer.form(
    '/login/password',
    { login: guess.login, password: guess.password ?? randomToken(16) },
    { origin: issuer.url, 'sec-fetch-site': 'same-origin', ...headersOf(guess) },
  )

const onApi = (guess: Guess): Promise<Answer> =>
  issuer.json(
    '/api/token',
    { email: guess.login, password: guess.password ?? randomToken(16) },
    headersOf(guess),
  )

const fail = async (attempt: (guess: Guess) => Promise<Answer>, guess: Guess, times: number) => {
  for (let count = 0; count < times; count += 1) expect((await attempt(guess)).status).toBe(401)
}

const retryAfter = (answer: Answer): number => Number(answer.headers.get('retry-after') ?? Number.NaN)

const deviceOf = async (email: string, password: string): Promise<string> => {
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: email, password })
  const device = agent.cookies.get('__Host-dojang_device')
  if (device === undefined) throw new Error('The sign-in set no device cookie.')
  return device
}

const places = [
  { place: '/login/password', guess: onPage, ok: 303 },
  { place: '/api/token', guess: onApi, ok: 200 },
]

describe.each(places)('login attempts at $place', ({ guess, ok }) => {
  test('the first five wrong passwords are free, then Retry-After doubles up to 15 minutes (F4)', async () => {
    const { email } = await issuer.user()
    await fail(guess, { login: email }, 5)
    const delays: number[] = []
    for (let count = 0; count < 12; count += 1) {
      const refused = await guess({ login: email })
      expect(refused.status).toBe(429)
      delays.push(retryAfter(refused))
      issuer.clock.advance(retryAfter(refused))
      await fail(guess, { login: email }, 1)
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
  })

  test('an account is never locked: the right password works after the delay and resets the count (F4)', async () => {
    const { email, password } = await issuer.user()
    for (let count = 0; count < 30; count += 1) {
      await guess({ login: email })
      issuer.clock.advance(900)
    }
    expect((await guess({ login: email, password })).status).toBe(ok)
    await fail(guess, { login: email }, 5)
  })

  test('the right password gets the same answer as a wrong one while the account is throttled (F4)', async () => {
    const { email, password } = await issuer.user()
    for (let count = 0; count < 8; count += 1) await guess({ login: email })
    const [right, wrong] = [await guess({ login: email, password }), await guess({ login: email })]
    expect([right.status, wrong.status]).toEqual([429, 429])
    expect(retryAfter(right)).toBe(retryAfter(wrong))
    expect(right.headers.getSetCookie()).toEqual([])
  })

  test('parallel attempts cannot get past the counter (F4)', async () => {
    const { email } = await issuer.user()
    const answers = await Promise.all(Array.from({ length: 40 }, () => guess({ login: email })))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(35)
    const checked = issuer.logLines.filter((line) => line.includes('"login.failed"'))
    expect(checked).toHaveLength(5)
  })

  test('a known device can sign in during an attack on the account, even from the attacker’s network (F4)', async () => {
    const { email, password } = await issuer.user()
    const device = await deviceOf(email, password)
    for (let count = 0; count < 60; count += 1) await guess({ login: email })
    for (let count = 0; count < 60; count += 1) await guess({ login: `${randomToken(6)}@example.com` })
    expect((await guess({ login: email, password })).status).toBe(429)
    expect((await guess({ login: email, password, device })).status).toBe(ok)
  })

  test('a device cookie counts only for its own account and has a limit of its own (F4)', async () => {
    const [own, victim] = [await issuer.user(), await issuer.user()]
    const device = await deviceOf(own.email, own.password)
    const forged = `${randomToken(16)}.${randomToken()}`
    for (let count = 0; count < 8; count += 1) await guess({ login: victim.email })
    for (const one of [device, forged, `${device}.x`, 'x', '%00.%00'])
      expect((await guess({ login: victim.email, device: one })).status).toBe(429)

    await fail(guess, { login: own.email, device }, 5)
    expect((await guess({ login: own.email, password: own.password, device })).status).toBe(429)
    // Failures on the device do not count against the account.
    expect((await guess({ login: own.email, password: own.password })).status).toBe(ok)
  })

  test('one network may fail fifty times over all accounts, and another network is not affected (F4)', async () => {
    const at = (from: string) => guess({ login: `${randomToken(6)}@example.com`, from })
    for (let count = 0; count < 50; count += 1) expect((await at('198.51.100.7')).status).toBe(401)
    expect((await at('198.51.100.7')).status).toBe(429)
    expect(retryAfter(await at('198.51.100.7'))).toBe(1)
    expect((await at('::ffff:198.51.100.7')).status).toBe(429)
    expect((await at('198.51.100.8')).status).toBe(401)
  })

  test('all addresses of an IPv6 /64 count as one network (F4)', async () => {
    const at = (from: string) => guess({ login: `${randomToken(6)}@example.com`, from })
    for (let count = 0; count < 50; count += 1)
      expect((await at(`2001:db8:1:2:${count.toString(16)}::${count.toString(16)}`)).status).toBe(401)
    expect((await at('2001:db8:1:2::1')).status).toBe(429)
    expect((await at('2001:0DB8:0001:0002:ffff:0:0:9')).status).toBe(429)
    expect((await at('2001:db8:1:3::1')).status).toBe(401)
  })

  test('successful sign-ins do not count against their network (F4)', async () => {
    const { email, password } = await issuer.user()
    for (let count = 0; count < 70; count += 1)
      expect((await guess({ login: email, password, from: '198.51.100.7' })).status).toBe(ok)
  })

  test('a sign-in gets 503 with Retry-After and no session while the attempt counter is down (H2)', async () => {
    await issuer.close()
    const stores = memoryStores()
    await open({ stores })
    const { email, password } = await issuer.user()
    stores.loginAttempts.attempt = async () => {
      throw new Unavailable('the limiter')
    }
    const answer = await guess({ login: email, password })
    expect(answer.status).toBe(503)
    expect(retryAfter(answer)).toBeGreaterThan(0)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await stores.sessions.listOfUser((await stores.users.findByLogin(email))?.id ?? '')).toEqual([])
  })
})

test('the sign-in page and the API share one counter (F4)', async () => {
  const { email } = await issuer.user()
  await fail(onPage, { login: email }, 3)
  await fail(onApi, { login: email }, 2)
  expect([(await onPage({ login: email })).status, (await onApi({ login: email })).status]).toEqual([
    429, 429,
  ])
})

test('all spellings of an e-mail address count as one account (F4)', async () => {
  const { email } = await issuer.user()
  await fail(onPage, { login: email }, 3)
  await fail(onPage, { login: email.toUpperCase() }, 2)
  expect((await onPage({ login: ` ${email} ` })).status).toBe(429)
})

test('an attack from many networks limits unknown devices to one attempt a second and does not limit known devices (F4)', async () => {
  const { email, password } = await issuer.user()
  const device = await deviceOf(email, password)
  const at = (index: number) =>
    onApi({ login: `${randomToken(6)}@example.com`, from: `10.${index >> 8}.${index & 255}.1` })
  for (let batch = 0; batch < 1020; batch += 20)
    await Promise.all(Array.from({ length: 20 }, (_, index) => at(batch + index)))
  const unknown = await at(5000)
  expect(unknown.status).toBe(429)
  expect(retryAfter(unknown)).toBe(1)
  expect((await onApi({ login: email, password, device, from: '203.0.113.9' })).status).toBe(200)
  issuer.clock.advance(1)
  expect((await onApi({ login: email, password, from: '203.0.113.9' })).status).toBe(200)
})

test('a password change is throttled like a sign-in, with Retry-After (F4)', async () => {
  const user = await issuer.user()
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: user.email, password: user.password })
  const change = () =>
    agent.submit('/account/password', { current: randomToken(16), password: randomToken(16) })
  for (let count = 0; count < 5; count += 1) expect((await change()).status).toBe(401)
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
  expect(refused && retryAfter(refused)).toBeGreaterThan(0)
  expect((await register('198.51.100.8')).status).toBe(201)
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

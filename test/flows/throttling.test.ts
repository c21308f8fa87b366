import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import type { Throttle } from '../../src/throttle/throttle.ts'
import { Unavailable } from '../../src/unavailable.ts'
import {
  deviceIn,
  flood,
  type Guess,
  issuerBehindProxy,
  onApi,
  onPage,
  retryAfter,
} from '../support/guesses.ts'
import type { Answer, TestIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await issuerBehindProxy()
})
afterEach(() => issuer.close())

/** Starts the issuer again with a changed throttle. */
const withThrottle = async (change: (throttle: Throttle) => Throttle) => {
  await issuer.close()
  const stores = memoryStores()
  issuer = await issuerBehindProxy({ stores: { ...stores, throttle: change(stores.throttle) } })
}

const deviceOf = async (login: string, password: string, from?: string): Promise<string> => {
  const device = deviceIn(await onPage(issuer, { login, password, ...(from && { from }) }))
  if (device === undefined) throw new Error('The sign-in set no device cookie.')
  return device
}

const places = [
  { place: '/login/password', attempt: onPage, ok: 303 },
  { place: '/api/token', attempt: onApi, ok: 200 },
]

describe.each(places)('login attempts at $place', ({ attempt, ok }) => {
  const guess = (one: Guess): Promise<Answer> => attempt(issuer, one)
  const fail = async (one: Guess, times: number) => {
    for (let count = 0; count < times; count += 1) expect((await guess(one)).status).toBe(401)
  }

  test('ten wrong passwords are free, then one more each hour, and an account is never locked (F4)', async () => {
    const { email, password } = await issuer.user()
    await fail({ login: email }, 10)
    for (let count = 0; count < 3; count += 1) {
      const refused = await guess({ login: email })
      expect([refused.status, retryAfter(refused)]).toEqual([429, 3600])
      issuer.clock.advance(3599)
      expect(retryAfter(await guess({ login: email }))).toBe(1)
      issuer.clock.advance(1)
      await fail({ login: email }, 1)
    }
    issuer.clock.advance(3600)
    expect((await guess({ login: email, password })).status).toBe(ok)
    await fail({ login: email }, 10)
  })

  test('the right password gets the same answer as a wrong one while the account is throttled (F4)', async () => {
    const { email, password } = await issuer.user()
    for (let count = 0; count < 12; count += 1) await guess({ login: email })
    const [right, wrong] = [await guess({ login: email, password }), await guess({ login: email })]
    expect([right.status, wrong.status]).toEqual([429, 429])
    expect(retryAfter(right)).toBe(retryAfter(wrong))
    expect(right.headers.getSetCookie()).toEqual([])
  })

  test('parallel attempts cannot get past the budget (F4)', async () => {
    const { email } = await issuer.user()
    const answers = await Promise.all(Array.from({ length: 40 }, () => guess({ login: email })))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(30)
    const checked = issuer.logLines.filter((line) => line.includes('"login.failed"'))
    expect(checked).toHaveLength(10)
  })

  test('one network may fail sixty times over all accounts, and another network is not affected (F4)', async () => {
    const at = (from: string) => guess({ login: `${randomToken(6)}@example.com`, from })
    for (let count = 0; count < 60; count += 1) expect((await at('198.51.100.7')).status).toBe(401)
    expect((await at('198.51.100.7')).status).toBe(429)
    expect(retryAfter(await at('198.51.100.7'))).toBe(30)
    expect((await at('::ffff:198.51.100.7')).status).toBe(429)
    expect((await at('198.51.100.8')).status).toBe(401)
    issuer.clock.advance(30)
    expect((await at('198.51.100.7')).status).toBe(401)
  })

  test('all addresses of an IPv6 /64 count as one network, and a /56 has twice its budget (F4)', async () => {
    const at = (from: string) => guess({ login: `${randomToken(6)}@example.com`, from })
    for (let count = 0; count < 60; count += 1)
      expect((await at(`2001:db8:1:2:${count.toString(16)}::${count.toString(16)}`)).status).toBe(401)
    expect((await at('2001:db8:1:2::1')).status).toBe(429)
    expect((await at('2001:0DB8:0001:0002:ffff:0:0:9')).status).toBe(429)
    for (let count = 0; count < 60; count += 1)
      expect((await at(`2001:db8:1:${count.toString(16).padStart(2, 'a')}::1`)).status).toBe(401)
    expect((await at('2001:db8:1:f0::1')).status).toBe(429)
    expect((await at('2001:db8:1:100::1')).status).toBe(401)
  })

  test('successful sign-ins do not count against their network or account (F4)', async () => {
    const { email, password } = await issuer.user()
    for (let count = 0; count < 60; count += 1)
      expect((await guess({ login: email, password, from: '198.51.100.7' })).status).toBe(ok)
    await fail({ login: email, from: '198.51.100.7' }, 10)
  })

  test('a sign-in gets 503 with Retry-After and no session while the throttle is down (H2)', async () => {
    await withThrottle((throttle) => ({
      ...throttle,
      take: async () => {
        throw new Unavailable('the limiter')
      },
    }))
    const { email, password, id } = await issuer.user()
    const answer = await guess({ login: email, password })
    expect(answer.status).toBe(503)
    expect(retryAfter(answer)).toBeGreaterThan(0)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await issuer.stores.sessions.listOfUser(id)).toEqual([])
  })

  test('while 1,000 networks attack an account, its owner gets in from a known network and a known device (F4)', async () => {
    const { email, password } = await issuer.user()
    const [home, elsewhere] = ['203.0.113.9', '203.0.113.10']
    const device = await deviceOf(email, password, home)
    const attack = () =>
      flood(1000, (index) => guess({ login: email, from: `10.${index >> 8}.${index & 255}.1` }))
    expect((await attack()).filter((status) => status === 401)).toHaveLength(24)
    expect((await guess({ login: email, password, from: home })).status).toBe(ok)
    expect((await guess({ login: email, password, from: elsewhere, device })).status).toBe(ok)
    issuer.clock.advance(86_400)
    expect((await attack()).filter((status) => status === 401)).toHaveLength(24)
    expect((await guess({ login: email, password, from: home })).status).toBe(ok)

    // A new network shares the strangers' budget, which gives one attempt each 40 minutes.
    const stranger = await guess({ login: email, password, from: '203.0.113.11' })
    expect([stranger.status, retryAfter(stranger)]).toEqual([429, 2400])
    expect((await guess({ login: (await issuer.user()).email, from: '203.0.113.11' })).status).toBe(401)
  })

  test('a network is known for 30 days after the last sign-in there (F4)', async () => {
    const { email, password } = await issuer.user()
    const home = '203.0.113.9'
    const attack = () => flood(30, (index) => guess({ login: email, from: `10.0.${index}.1` }))
    expect((await guess({ login: email, password, from: home })).status).toBe(ok)
    issuer.clock.advance(29 * 86_400)
    expect((await guess({ login: email, password, from: home })).status).toBe(ok)
    issuer.clock.advance(30 * 86_400 - 1)
    await attack()
    await fail({ login: email, from: home }, 1)
    issuer.clock.advance(1)
    expect((await guess({ login: email, from: home })).status).toBe(429)
  })

  test('at the limit of records strangers get 429, and known devices, known networks and sessions go on (H4)', async () => {
    let isFull = false
    await withThrottle((throttle) => ({
      ...throttle,
      take: (use, now) =>
        throttle.take({ ...use, ...(isFull && use.maxRecords !== undefined && { maxRecords: 0 }) }, now),
    }))
    const { email, password } = await issuer.user()
    const home = '203.0.113.9'
    const device = await deviceOf(email, password, home)
    const tokens = (await onApi(issuer, { login: email, password, from: home })).json
    isFull = true
    const stranger = await guess({ login: email, password, from: '203.0.113.10' })
    expect([stranger.status, retryAfter(stranger)]).toEqual([429, 60])
    expect((await guess({ login: email, password, from: home })).status).toBe(ok)
    expect((await guess({ login: email, password, from: '203.0.113.10', device })).status).toBe(ok)
    expect((await issuer.json('/api/token/refresh', { refresh: tokens.refresh })).status).toBe(200)
  })
})

test('the sign-in page and the API share one budget (F4)', async () => {
  const { email } = await issuer.user()
  for (let count = 0; count < 5; count += 1)
    for (const attempt of [onPage, onApi]) expect((await attempt(issuer, { login: email })).status).toBe(401)
  for (const attempt of [onPage, onApi]) expect((await attempt(issuer, { login: email })).status).toBe(429)
})

test('all spellings of the e-mail address and the username of an account share one budget (F4)', async () => {
  const { email } = await issuer.user({ username: 'Ｊane.Doe' })
  const spellings = [email, email.toUpperCase(), ` ${email} `, 'jane.doe', 'JANE.DOE', 'ｊane.doe']
  for (let count = 0; count < 10; count += 1)
    expect((await onApi(issuer, { login: spellings[count % spellings.length] ?? '' })).status).toBe(401)
  for (const login of spellings) expect((await onApi(issuer, { login })).status).toBe(429)
})

test('an account and a name that does not exist are throttled at the same request, from many networks (F5)', async () => {
  const { email } = await issuer.user({ username: 'jane.doe' })
  const attack = async (names: readonly string[]) => {
    const answers: unknown[] = []
    for (let index = 0; index < 40; index += 1) {
      const login = names[index % names.length] ?? ''
      const answer = await onApi(issuer, { login, from: `10.0.${index % 8}.1` })
      answers.push([answer.status, answer.body, answer.headers.get('retry-after')])
    }
    return answers
  }
  const account = await attack([email, 'jane.doe'])
  expect(await attack(['nobody@example.com'])).toEqual(account)
  expect(await attack(['nobody.else'])).toEqual(account)
  expect(account.filter((answer) => Array.isArray(answer) && answer[0] === 401)).toHaveLength(24)
})

// Registration: the answer for an address in use, the limit per network, and the limit on password hashing.
import { describe, expect, test } from 'vitest'
import { auditEventTypes } from '../../src/audit.ts'
import { randomToken } from '../../src/secrets.ts'
import { eventTypes } from '../support/audit-events.ts'
import { type Answer, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { mailKindsTo, mailServer, mailsTo } from '../support/mailbox.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer({ env: { TRUSTED_PROXIES: '127.0.0.1', ...mailServer } })

const address = () => `${Buffer.from(randomToken(6)).toString('hex').slice(0, 12)}@example.com`
const password = 'wipe cactus ninety plaster'

const network = () => ({ 'x-forwarded-for': `198.51.${Math.floor(Math.random() * 250)}.7` })
type Register = (email: string, headers?: Record<string, string>, on?: TestIssuer) => Promise<Answer>
const onApi: Register = (email, headers = network(), on = issuer) =>
  on.json('/api/users', { email, password }, headers)
const onPage: Register = (email, headers = network(), on = issuer) =>
  on.form('/register', { email, password }, { ...headers, origin: on.config.issuer })

/** The answer without its random values. The id of a user is random too. */
const visible = ({ status, headers, body }: Answer, email: string) => ({
  status,
  location: headers.get('location'),
  body: body
    .replaceAll(email, 'EMAIL')
    .replaceAll(/usr_[\w-]{22}/g, 'USER')
    .replaceAll(/nonce(-|=")[A-Za-z0-9_-]+/g, 'NONCE')
    .replaceAll(headers.get('x-request-id') ?? 'none', 'REQUEST'),
  headers: [...headers.keys()].sort(),
  cookies: headers.getSetCookie().map((cookie) => cookie.replace(/=[^;]+/, '=VALUE')),
})

/** Addresses of accounts in every state. */
const takenAddresses = (on: TestIssuer) => {
  const now = on.clock.now()
  return Promise.all(
    [{}, { disabledAt: now }, { passwordHash: null }, { emailVerified: false }].map(async (change) => {
      const { id, email } = await on.user({ email: address() })
      await on.stores.users.change(id, change, now)
      return email
    }),
  )
}

describe.each([
  ['the API', onApi],
  ['the registration page', onPage],
])('%s', (_, register) => {
  test('a sign-up gets the same answer for a new address and for one in use (F5)', async () => {
    const fresh = address()
    const expected = visible(await register(fresh), fresh)
    expect(expected.status).toBeLessThan(400)
    expect(expected.cookies.join()).not.toContain('session')
    for (const email of await takenAddresses(issuer))
      expect(visible(await register(email), email)).toEqual(expected)
  })

  test('a sign-up with an address in use changes nothing, and a mail tells the active owner (F5)', async () => {
    for (const email of await takenAddresses(issuer)) {
      const before = await issuer.stores.users.findByLogin(email)
      await register(email)
      const told = before?.disabledAt === undefined ? ['already_registered'] : []
      expect(await mailKindsTo(issuer, email)).toEqual(told)
      expect(await issuer.stores.users.findByLogin(email)).toEqual(before)
      expect(eventTypes(issuer, before?.id ?? '')).toEqual(['registration.address_taken'])
    }
  })

  test('repeated sign-ups send at most three mails to one address, and the answer stays the same (F5)', async () => {
    const { email } = await issuer.user({ email: address() })
    const answers = []
    for (let count = 0; count < 5; count += 1) answers.push(visible(await register(email), email))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await mailKindsTo(issuer, email)).toHaveLength(3)
  })

  test.each(['https://id.example.com', 'http://localhost:4000'])(
    '%s without a mail server says that an address is taken, in the same words for every account (F5)',
    async (ISSUER) => {
      const silent = await testIssuer({ env: { TRUSTED_PROXIES: '127.0.0.1', ISSUER } })
      const answers = []
      for (const email of await takenAddresses(silent))
        answers.push(visible(await register(email, network(), silent), email))
      expect(answers[0]?.status).toBeGreaterThanOrEqual(400)
      for (const answer of answers) expect(answer).toEqual(answers[0])
      await silent.close()
    },
  )
})

test('a taken username gets the same answer, whether the address is taken or not (F5)', async () => {
  const username = `u${Buffer.from(randomToken(6)).toString('hex')}`
  const { email } = await issuer.user({ email: address(), username })
  const answers = []
  for (const one of [email, address()])
    answers.push((await issuer.json('/api/users', { email: one, username, password }, network())).json.code)
  expect(answers).toEqual(['username_taken', 'username_taken'])
})

test('a new user gets a link that confirms the address, in the language of the sign-up (F19)', async () => {
  const email = address()
  await onPage(email, { ...network(), 'accept-language': 'ko' })
  expect(await mailsTo(issuer, email)).toEqual([
    expect.objectContaining({ kind: 'confirm_email', locale: 'ko', minutes: 60 }),
  ])
})

test.each([
  ['the API', onApi, 201],
  ['the registration page', onPage, 303],
])(
  '%s creates an unverified account and writes user.registered to the audit log (F8, I4)',
  async (_, register, status) => {
    const email = address()
    const answer = await register(email)
    expect(answer.status, answer.body).toBe(status)
    const user = await issuer.stores.users.findByLogin(email)
    expect(user).toMatchObject({ emailVerified: false, roles: ['user'], onboarded: false })
    const lines = issuer.logLines.filter((line) => line.includes(user?.id ?? 'nobody'))
    expect(lines.join()).toContain('user.registered')
  },
)

test('a network that registers too often gets 429 with Retry-After and an audit event (I4)', async () => {
  const from = { 'x-forwarded-for': '203.0.113.77' }
  for (let count = 0; count < 20; count += 1) expect((await onApi(address(), from)).status).toBe(201)
  const email = address()
  const answer = await onApi(email, from)
  expect(answer.status).toBe(429)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await issuer.stores.users.findByLogin(email)).toBeUndefined()
  const event = issuer.logLines
    .map((line) => JSON.parse(line).audit)
    .find((one) => one?.type === 'registration.throttled')
  expect(event).toMatchObject({ ip: '203.0.113.77', actor: 'user', reason: 'network' })
  expect(auditEventTypes).toContain('registration.throttled')
})

test('requests above the capacity for password hashing get 503 with Retry-After, and others are served (F7)', async () => {
  const busy = await testIssuer({
    hashing: { concurrency: 1, maxWaiting: 1, parameters: { memoryKiB: 32_768, passes: 3, lanes: 1 } },
  })
  const users = [await busy.user(), await busy.user()]
  const logIn = (user: { email: string; password: string }) =>
    busy.json('/api/token', { email: user.email, password: user.password })
  const crowd = Array.from({ length: 8 }, (_, index) => users[index % 2] ?? { email: '', password: '' })
  const answers = await Promise.all([
    ...crowd.map(logIn),
    busy.form('/login/password', { login: users[0]?.email ?? '', password }, { origin: busy.url }),
    busy.json('/api/users', { email: address(), password }),
  ])
  const unavailable = answers.filter(({ status }) => status === 503)
  expect(unavailable.length).toBeGreaterThan(0)
  for (const { headers } of unavailable) expect(headers.get('retry-after')).toBe('1')
  for (const { status } of answers) expect([200, 201, 401, 503]).toContain(status)
  expect(answers.some(({ status }) => status === 200)).toBe(true)
  await busy.close()
})

test('while strangers fill the hashing queue, a known device and a known network get in (F7)', async () => {
  const busy = await testIssuer({
    hashing: { concurrency: 1, maxWaiting: 1, parameters: { memoryKiB: 32_768, passes: 3, lanes: 1 } },
    env: { TRUSTED_PROXIES: '127.0.0.1' },
  })
  const user = await busy.user()
  const signIn = (from: string, body: Record<string, unknown>) =>
    busy.json('/api/token', body, { 'x-forwarded-for': from })
  const person = { email: user.email, password: user.password }
  const { device_token } = (await signIn('203.0.113.5', person)).json
  const strangers: Promise<Answer>[] = []
  /** Fills the places of strangers. Resolves when a stranger gets 503, while others still wait. */
  const fill = async () => {
    const crowd = Array.from({ length: 6 }, (_, index) =>
      signIn(`198.51.100.${index}`, { email: address(), password }),
    )
    strangers.push(...crowd)
    const isRefused = async (answer: Promise<Answer>) => expect((await answer).status).toBe(503)
    await Promise.any(crowd.map(isRefused))
  }
  await fill()
  expect((await signIn('192.0.2.1', { ...person, device_token })).status).toBe(200)
  await Promise.all(strangers)
  await fill()
  expect((await signIn('203.0.113.5', person)).status).toBe(200)
  await Promise.all(strangers)
  await busy.close()
})

test('a sign-in that gets 503 because the hashing queue is full does not count as an attempt (F7)', async () => {
  const busy = await testIssuer({
    hashing: { concurrency: 1, maxWaiting: 1, parameters: { memoryKiB: 131_072, passes: 4, lanes: 1 } },
  })
  const { email } = await busy.user()
  const logIn = () => busy.json('/api/token', { email, password })
  const answers = await Promise.all(Array.from({ length: 14 }, logIn))
  const statuses = answers.map(({ status }) => status)
  // Only ten attempts count at once. If the refused ones counted too, some of the fourteen would get 429.
  expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(4)
  expect(statuses.filter((status) => status === 429)).toEqual([])
  expect((await logIn()).status).toBe(401)
  await busy.close()
})

test('refuses a username that looks like an address, and takes one with letters of any language (F5)', async () => {
  const register = (username: string) =>
    issuer.json('/api/users', { email: address(), password, username, name: '홍길동' }, network())
  for (const username of ['jane@example.com', 'a', '-jane', 'jane doe', 'jane\u3164', 'x'.repeat(65)]) {
    const answer = await register(username)
    expect([answer.status, JSON.stringify(answer.json)]).toEqual([
      422,
      expect.stringContaining('username_invalid'),
    ])
  }
  const { status, json } = await register('홍길동')
  expect(status).toBe(201)
  expect(json.user).toMatchObject({ username: '홍길동', name: '홍길동' })
})

test.each(['\u202egnirts', 'a\u2066b', 'a\u200fb', 'a\nb', 'a\u2028b', 'x'.repeat(101)])(
  'refuses the name %j, which could show itself as another one (G9)',
  async (name) => {
    const answer = await issuer.json('/api/users', { email: address(), password, name }, network())
    expect([answer.status, answer.json.code]).toEqual([422, 'name_invalid'])
  },
)

test.each(['\u200b', '\u3164', ' \u115f\u1160 ', '\u2800'])(
  'refuses the name %j, which nobody could see, at the API and on the page',
  async (name) => {
    const facts = { email: address(), password, name }
    const answer = await issuer.json('/api/users', facts, network())
    expect([answer.status, answer.json.code]).toEqual([422, 'name_invalid'])
    const page = await issuer.form('/register', facts, { ...network(), origin: issuer.config.issuer })
    expect(page.status).toBe(422)
    expect(page.body).toContain('id="name-error"')
    expect(await issuer.stores.users.findByLogin(facts.email)).toBeUndefined()
  },
)

test('stores a name with composed letters and without the spaces around it', async () => {
  const name = ` ${'홍길동'.normalize('NFD')} `
  const { json } = await issuer.json('/api/users', { email: address(), password, name }, network())
  expect(json.user).toMatchObject({ name: '홍길동' })
})

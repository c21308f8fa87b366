// What the account page shows, and the name and the language that the user changes on it.
import { expect, test } from 'vitest'
import { claimsOf } from '../support/issuer.ts'
import { signedInAs, through, useUpstream } from '../support/upstream.ts'

const upstream = useUpstream()
const { people } = upstream
const korean = { 'accept-language': 'ko-KR' }

const chromeOnWindows =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36'
const safariOnPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1'

const signedIn = async (facts = {}, headers: Record<string, string> = {}) => {
  const { issuer } = upstream
  const user = await issuer.user(facts)
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: user.email, password: user.password }, headers)
  return { issuer, user, agent, record: () => issuer.stores.users.find(user.id as never) }
}

const withKakaoOnly = async () => {
  const agent = upstream.issuer.browser()
  await through(agent, 'kakao', people.kakao({ emailCase: 'no_email' }))
  expect(await signedInAs(agent)).toBeDefined()
  return agent
}

/** The text of each device, in the order of the page. */
const devicesOf = (page: string): string[] => {
  const section = /<h2 id="sessions">([\s\S]*?)<\/section>/.exec(page)?.[1] ?? ''
  return section
    .split('<li>')
    .slice(1)
    .map((row) => row.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' '))
}

test('a user changes the name and the language, and the next ID token has both', async () => {
  const { issuer, user, agent, record } = await signedIn({ name: 'Kim', locale: 'ko' })
  const saved = await agent.submit('/account/profile', { name: '  김민지 ', locale: 'EN-us' })
  expect(saved.location?.search).toContain('done=profile_saved')
  expect(await record()).toMatchObject({ name: '김민지', locale: 'en-US' })
  const page = (await agent.follow(saved)).body
  expect(page).toContain('Saved.')
  expect(page).toContain('value="김민지"')
  expect(page).toContain('<option value="en-US" selected>American English</option>')

  const client = await issuer.client()
  const { idToken } = await issuer.tokens(client, user, { scope: 'openid profile' })
  expect(claimsOf(idToken)).toMatchObject({ name: '김민지', locale: 'en-US' })
  const [event] = (await upstream.auditRecords()).filter(({ type }) => type === 'user.changed')
  expect(event).toMatchObject({ actor: 'user', userId: user.id, reason: 'name locale' })
  expect(JSON.stringify(event)).not.toContain('김민지')
})

test('a user removes the name, and an unchanged form writes nothing', async () => {
  const { agent, user, record } = await signedIn({ name: 'Kim', locale: 'ko' })
  await agent.submit('/account/profile', { name: '', locale: 'ko' })
  expect(await record()).not.toHaveProperty('name')
  const before = await record()
  upstream.clock.advance(60)
  expect((await agent.submit('/account/profile', { name: '', locale: 'ko' })).status).toBe(303)
  expect(await record()).toEqual(before)
  const events = (await upstream.auditRecords()).filter(({ userId }) => userId === user.id)
  expect(events.filter(({ type }) => type === 'user.changed')).toHaveLength(1)
})

test('a form with two names changes no name', async () => {
  const { agent, record } = await signedIn({ name: 'Kim', locale: 'ko' })
  const twice: [string, string][] = [
    ['name', 'Lee'],
    ['name', 'Park'],
    ['locale', 'en'],
  ]
  await agent.submit('/account/profile', twice)
  expect(await record()).toMatchObject({ name: 'Kim', locale: 'en' })
})

test.each([
  ['a direction mark', 'Kim\u202eymmot'],
  ['more than 100 characters', 'x'.repeat(101)],
  ['nothing but zero-width spaces', '\u200b\u200b'],
  ['nothing but a Hangul filler', '\u3164'],
])('the account page refuses a name with %s and keeps what was typed', async (_, name) => {
  const { agent, record } = await signedIn({ name: 'Kim' })
  const refused = await agent.submit('/account/profile', { name, locale: 'ko' })
  expect(refused.status).toBe(422)
  expect(refused.body).toContain('id="name-error"')
  expect(refused.body).toContain(`value="${name}"`)
  expect(await record()).toMatchObject({ name: 'Kim' })
})

test('the account page answers a language that does not exist with 400', async () => {
  const { agent, record } = await signedIn({ locale: 'ko' })
  expect((await agent.submit('/account/profile', { locale: 'not a language' })).status).toBe(400)
  expect(await record()).toMatchObject({ locale: 'ko' })
})

test('a browser without a session is sent to the sign-in in the language that the user chose', async () => {
  const browser = upstream.issuer.browser()
  const page = await browser.get('/account?ui_locales=ko')
  const form = await browser.submit('/account/profile', { name: 'Lee', ui_locales: 'ko' })
  for (const { location } of [page, form])
    expect([location?.pathname, location?.search]).toEqual(['/login', '?ui_locales=ko'])
  expect(form.headers.get('cache-control')).toBe('no-store')
})

test('a form of another site changes no name (G3)', async () => {
  const { agent, record } = await signedIn({ name: 'Kim' })
  const forged = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  expect((await agent.submit('/account/profile', { name: 'Lee' }, forged)).status).toBe(403)
  expect(await record()).toMatchObject({ name: 'Kim' })
})

test('the account page shows the username, the address and whether it is confirmed', async () => {
  const { agent, user } = await signedIn({ username: 'minji', emailVerified: false })
  const page = (await agent.get('/account')).body
  expect(page).toMatch(/<dt>Username<\/dt><dd>minji<\/dd>/)
  expect(page).toMatch(
    new RegExp(`<dt>Email</dt><dd>${user.email} <span class="tag open">not confirmed</span>`),
  )
})

test('the account page names the zone of each time, in Korean the time of Korea', async () => {
  const { agent } = await signedIn()
  const { body } = await agent.get('/account', korean)
  const times = [...body.matchAll(/<time datetime="([^"]+)">([^<]+)<\/time>/g)]
  expect(times.length).toBeGreaterThan(1)
  for (const [, at = '', text] of times) {
    const inKorea = new Date(new Date(at).getTime() + 9 * 3_600_000)
    expect(text).toContain(`${inKorea.getUTCDate()}일`)
    expect(text).toContain('(한국 시간)')
  }
  expect((await agent.get('/account')).body).toMatch(/<time [^>]+>[^<]+ UTC<\/time>/)
})

test('devices have names, this browser comes first, then the latest use', async () => {
  const { issuer, agent, user } = await signedIn({}, { 'user-agent': chromeOnWindows })
  const credentials = { login: user.email, password: user.password }
  upstream.clock.advance(3600)
  await issuer.browser().submit('/login/password', credentials, { 'user-agent': safariOnPhone })
  upstream.clock.advance(3600)
  const { email, password } = user
  await issuer.json('/api/token', { email, password }, { 'user-agent': 'curl/8.5.0' })

  const devices = devicesOf((await agent.get('/account')).body)
  expect(
    devices.map((text) => /Chrome on Windows|Safari on iPhone|A program \(curl\)/.exec(text)?.[0]),
  ).toEqual(['Chrome on Windows', 'A program (curl)', 'Safari on iPhone'])
  expect(devices[0]).toContain('This browser')
  expect(devices[1]).toContain('an app or a script signed in with your password')
  expect(devices[1]).toContain('Apps used: this service’s own app')
  expect(devices.join()).not.toContain('First-party API')
  const inKorean = devicesOf((await agent.get('/account', korean)).body)
  expect(inKorean[0]).toContain('Windows의 Chrome')
  expect(inKorean[1]).toContain('이 서비스의 앱')
})

test('a device shows its IP address only as another network', async () => {
  const { issuer, agent, user } = await signedIn()
  const { sessions } = issuer.stores
  const [own] = await sessions.listOfUser(user.id as never)
  if (own === undefined) throw new Error('no session')
  const elsewhere = { ...own, id: `${own.id}x` as never, ip: '203.0.113.9', secretHash: 'another' }
  await sessions.start(elsewhere, 10)
  await issuer.browser().submit('/login/password', { login: user.email, password: user.password })
  const devices = devicesOf((await agent.get('/account')).body)
  expect(devices).toHaveLength(3)
  expect(devices[0]).not.toMatch(/network|127\.0\.0\.1/)
  const others = devices.slice(1).join()
  expect(others).toContain('From the same network as this browser')
  expect(others).toContain('From another network (IP address 203.0.113.9)')
  expect(others).not.toContain('127.0.0.1')
})

test('a user with Kakao only is not told to change a password', async () => {
  const agent = await withKakaoOnly()
  const page = (await agent.get('/account', korean)).body
  expect(page).not.toContain('비밀번호를 바꿔 주세요')
  expect(page).not.toContain('비밀번호 바꾸기')
  expect(page).not.toContain('action="/account/password')
  expect(page).toContain('이메일을 먼저 등록하면 비밀번호를 정할 수 있어요')
  expect(page).toContain('이메일 등록하기')
})

test('the account page shows the mark of each provider, linked or not', async () => {
  const agent = await withKakaoOnly()
  const page = (await agent.get('/account')).body
  expect(page).toMatch(/class="provider-mark kakao"><svg[\s\S]*?<\/svg><\/span>Kakao/)
  expect(page).toMatch(/class="provider-mark google"><svg[\s\S]*?<\/svg><\/span>Connect Google/)
  expect(page).toMatch(/class="provider-mark naver"><svg[\s\S]*?<\/svg><\/span>Connect NAVER/)
})

test('the account page lists apps with permission only if there are any', async () => {
  const { issuer, agent, user } = await signedIn()
  const own = await issuer.client({ name: 'Our shop' })
  await issuer.tokens(own, user, {}, agent)
  const page = (await agent.get('/account')).body
  expect(page).toContain('Apps used: Our shop')
  expect(page).not.toContain('id="grants"')
})

test('an app with the name of our own app keeps its name in the list', async () => {
  const { issuer, agent, user } = await signedIn()
  const client = await issuer.client({ name: 'First-party API', firstParty: false })
  const grant = { userId: user.id as never, clientId: client.id, scopes: [], grantedAt: issuer.clock.now() }
  await issuer.stores.consents.grant(grant)
  const page = (await agent.get('/account')).body
  expect(page).toContain('<p class="name">First-party API</p>')
  expect(page).not.toContain('this service’s own app')
})

test('the account page says what an app with permission may do', async () => {
  const { issuer, agent, user } = await signedIn()
  const audience = 'https://orders.example'
  await issuer.stores.apis.create({
    ...{ audience, name: 'Orders', claims: [], createdAt: issuer.clock.now() },
    scopes: ['orders:read'],
    scopeTexts: { 'orders:read': { ko: '주문 내역 보기', en: 'see your orders' } },
  })
  await issuer.stores.apis.create({
    ...{ audience: 'https://bank.example', name: 'Bank', claims: [], createdAt: issuer.clock.now() },
    scopes: ['orders:read'],
    scopeTexts: { 'orders:read': { ko: '이체 내역 보기', en: 'see your transfers' } },
  })
  const scopes = ['openid', 'orders:read', 'orders:write']
  const client = await issuer.client({ name: 'Pear', firstParty: false, scopes, defaultAudience: audience })
  const grant = { userId: user.id as never, clientId: client.id, scopes, grantedAt: issuer.clock.now() }
  await issuer.stores.consents.grant(grant)
  expect((await agent.get('/account')).body).toContain(
    'who you are, see your orders (orders:read), orders:write',
  )
  expect((await agent.get('/account', korean)).body).toContain('주문 내역 보기 (orders:read)')
})

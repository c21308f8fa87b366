import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  agree,
  attemptCookies,
  comeBack,
  cookieHeader,
  requestOn,
  signedInAs,
  start,
  through,
  useUpstream,
} from '../support/upstream.ts'

const upstream = useUpstream()
const { people } = upstream

const expectRefused = async (
  agent: ReturnType<typeof upstream.issuer.browser>,
  back: URL,
  reason: string,
) => {
  const page = await comeBack(agent, back)
  expect(page.status).toBe(303)
  expect(page.location?.searchParams.get('problem')).toBe('provider_expired')
  const shown = await agent.follow(page)
  expect(shown.status).toBe(400)
  expect(shown.body).toContain('Please start again here')
  expect(shown.body).toContain('action="/login/kakao"')
  expect(await signedInAs(agent)).toBeUndefined()
  const [event] = await upstream.auditRecords()
  expect(event).toMatchObject({ type: 'login.failed', reason })
}

describe('state (F14)', () => {
  test('rejects a callback that is replayed', async () => {
    const { issuer } = upstream
    const agent = issuer.browser()
    const back = await agree(await start(agent, 'kakao'), people.kakao())
    upstream.kakao.knobs.codeReuse = true
    expect((await comeBack(agent, back)).location?.pathname).toBe('/account')
    agent.cookies.delete('__Host-dojang_session')
    await expectRefused(agent, back, 'kakao: state unknown, used or of another browser')
  })

  test('rejects a callback in a browser that started no sign-in', async () => {
    const back = await agree(await start(upstream.issuer.browser(), 'kakao'), people.kakao())
    await expectRefused(upstream.issuer.browser(), back, 'kakao: state unknown, used or of another browser')
  })

  test('rejects a callback in a browser with another sign-in, and accepts it in the right browser', async () => {
    const { issuer } = upstream
    const [victim, attacker] = [issuer.browser(), issuer.browser()]
    const back = await agree(await start(attacker, 'kakao'), people.kakao())
    await start(victim, 'kakao')
    await expectRefused(victim, back, 'kakao: state unknown, used or of another browser')
    expect((await comeBack(attacker, back)).location?.pathname).toBe('/account')
  })

  test('rejects a callback at the address of another provider', async () => {
    const agent = upstream.issuer.browser()
    const back = await agree(await start(agent, 'kakao'), people.kakao())
    const elsewhere = new URL(back)
    elsewhere.pathname = '/callback/google'
    await expectRefused(agent, elsewhere, 'google: state of another provider')
    expect((await comeBack(agent, back)).location?.pathname).toBe('/account')
  })

  test('rejects a callback more than ten minutes after the start', async () => {
    const agent = upstream.issuer.browser()
    const back = await agree(await start(agent, 'kakao'), people.kakao())
    upstream.clock.advance(599)
    const inTime = await agree(await start(agent, 'kakao'), people.kakao())
    upstream.clock.advance(2)
    await expectRefused(agent, back, 'kakao: state expired')
    expect((await comeBack(agent, inTime)).location?.pathname).toBe('/account')
  })

  test.each([
    ['without state', (url: URL) => url.searchParams.delete('state'), 'kakao: no state'],
    ['with state twice', (url: URL) => url.searchParams.append('state', 'x'), 'kakao: no state'],
    [
      'with another state',
      (url: URL) => url.searchParams.set('state', 'x'),
      'kakao: state unknown, used or of another browser',
    ],
  ])('rejects a callback %s', async (_fault, change, reason) => {
    const agent = upstream.issuer.browser()
    const back = await agree(await start(agent, 'kakao'), people.kakao())
    change(back)
    await expectRefused(agent, back, reason)
  })

  test('accepts exactly one of twenty parallel callbacks', async () => {
    const agent = upstream.issuer.browser()
    const back = await agree(await start(agent, 'kakao'), people.kakao())
    // The fake accepts the code each time, so only the issuer can reject the copies.
    upstream.kakao.knobs.codeReuse = true
    const cookie = cookieHeader(agent)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        upstream.issuer.send(`${back.pathname}${back.search}`, { headers: { cookie } }),
      ),
    )
    const paths = answers.map(({ headers }) => headers.get('location')?.split('?')[0])
    expect(paths.filter((path) => path === '/account')).toHaveLength(1)
    expect(paths.filter((path) => path === '/login')).toHaveLength(19)
  })

  test('rejects a second callback whose browser kept a copy of the cookies', async () => {
    const agent = upstream.issuer.browser()
    const back = await agree(await start(agent, 'kakao'), people.kakao())
    const copy = new Map(agent.cookies)
    upstream.kakao.knobs.codeReuse = true
    expect((await comeBack(agent, back)).location?.pathname).toBe('/account')
    agent.cookies.clear()
    for (const [name, value] of copy) agent.cookies.set(name, value)
    await expectRefused(agent, back, 'kakao: state used')
  })

  test('rejects a cookie that was changed, or that belongs to another state', async () => {
    const agent = upstream.issuer.browser()
    const back = await agree(await start(agent, 'kakao'), people.kakao())
    const [first, value] = attemptCookies(agent)[0] ?? []
    const other = upstream.issuer.browser()
    await start(other, 'kakao')
    for (const forged of [`${value?.slice(0, -2)}AA`, 'v1.AAAA', '', attemptCookies(other)[0]?.[1]]) {
      agent.cookies.set(first ?? '', forged ?? '')
      const page = await comeBack(agent, back)
      expect(page.location?.searchParams.get('problem'), forged).toBe('provider_expired')
    }
    agent.cookies.set(first ?? '', value ?? '')
    expect((await comeBack(agent, back)).location?.pathname).toBe('/account')
  })

  test('a browser that starts many sign-ins keeps its cookies below the limit of the server (G1, H4)', async () => {
    const { issuer } = upstream
    const client = await issuer.client()
    const agent = issuer.browser()
    const state = randomBytes(1500).toString('base64url')
    const login = await agent.follow(await issuer.authorize(client, { state }, agent))
    const request = requestOn(login) ?? ''
    for (let again = 0; again < 10; again += 1) await start(agent, 'kakao', { request })
    expect(cookieHeader(agent).length).toBeLessThan(9000)
    for (const [name, value] of attemptCookies(agent)) expect(name.length + value.length).toBeLessThan(4096)
    const done = await agent.follow(await through(agent, 'kakao', people.kakao(), { request }))
    expect(done.location?.searchParams.get('state')).toBe(state)
  })

  test('two parallel sign-ins each continue their own client’s request, in any order', async () => {
    const { issuer } = upstream
    const [one, two] = [await issuer.client(), await issuer.client()]
    const agent = issuer.browser()
    const person = people.kakao()
    const agreeFor = async (client: typeof one, state: string) => {
      const login = await agent.follow(await issuer.authorize(client, { state }, agent))
      return agree(await start(agent, 'kakao', { request: requestOn(login) ?? '' }), person)
    }
    const [first, second] = [await agreeFor(one, 'one'), await agreeFor(two, 'two')]
    for (const [back, state] of [
      [second, 'two'],
      [first, 'one'],
    ] as const) {
      const done = await agent.follow(await comeBack(agent, back))
      expect(done.location?.searchParams.get('state')).toBe(state)
      expect(done.location?.searchParams.get('code')).toBeTruthy()
    }
  })

  test('a request for a provider that is not configured gets a client error, never a server error', async () => {
    const { issuer } = upstream
    const agent = issuer.browser()
    for (const id of ['line', 'KAKAO', '__proto__', 'constructor', '%00']) {
      expect((await agent.submit(`/login/${id}`, {})).status).toBeGreaterThanOrEqual(400)
      expect((await agent.get(`/callback/${id}?code=x&state=y`)).status).toBeLessThan(500)
    }
    expect((await agent.submit('/login/line', {})).status).toBe(404)
  })
})

describe('iss (F14)', () => {
  test('rejects the iss of another provider and does not redeem the code', async () => {
    upstream.google.knobs.answerIssuer = 'https://kauth.kakao.com'
    const agent = upstream.issuer.browser()
    const page = await through(agent, 'google', people.google())
    expect(page.location?.searchParams.get('problem')).toBe('provider_failed')
    expect(await signedInAs(agent)).toBeUndefined()
    expect(upstream.google.requests.map(({ endpoint }) => endpoint)).not.toContain('token')
    expect((await upstream.auditRecords())[0]?.reason).toBe('google: iss of another provider')
  })

  test('accepts a callback of Google without iss', async () => {
    upstream.google.knobs.answerIssuer = null
    const agent = upstream.issuer.browser()
    await through(agent, 'google', people.google())
    expect(await signedInAs(agent)).toBeDefined()
  })

  test('rejects an iss that is sent twice, and an iss from a provider that sends none', async () => {
    const agent = upstream.issuer.browser()
    const twice = await agree(await start(agent, 'google'), people.google())
    twice.searchParams.append('iss', 'https://accounts.google.com')
    const invented = await agree(await start(agent, 'kakao'), people.kakao())
    invented.searchParams.set('iss', 'https://evil.example')
    for (const back of [twice, invented])
      expect((await comeBack(agent, back)).location?.searchParams.get('problem')).toBe('provider_failed')
    expect(await signedInAs(agent)).toBeUndefined()
  })
})

test('malformed callbacks cause no server error and sign no one in', async () => {
  const agent = upstream.issuer.browser()
  const values = ['', 'x', '%00', '%ff', '%E2%82%AC', '<script>', `${'a'.repeat(3000)}`, '../../x', '1%2F%2F']
  const names = ['code', 'state', 'error', 'iss', 'error_description', 'scope', '__proto__']
  for (const provider of ['kakao', 'google', 'naver'])
    for (const [index, name] of names.entries()) {
      const state = (await start(agent, 'kakao')).searchParams.get('state')
      for (const value of values) {
        const other = names[(index + 1) % names.length]
        const query = `${name}=${value}&${other}=${value}${name === 'state' ? '' : `&state=${state}`}`
        const page = await agent.get(`/callback/${provider}?${query}`)
        expect(page.status, query).toBeLessThan(500)
      }
    }
  expect(await signedInAs(agent)).toBeUndefined()
})

describe('a cancelled sign-in', () => {
  test.each(['kakao', 'google', 'naver'] as const)(
    'a person who cancels at %s sees a message and can try again',
    async (provider) => {
      const { issuer } = upstream
      upstream[provider].knobs.cancel = true
      const client = await issuer.client()
      const agent = issuer.browser()
      const login = await agent.follow(await issuer.authorize(client, {}, agent))
      const request = requestOn(login) ?? ''
      const person = people.of(provider)
      const page = await through(agent, provider, person, { request, ui_locales: 'ko' })
      const shown = await agent.follow(page)
      expect(shown.status).toBe(200)
      expect(shown.body).toContain('로그인을 취소했어요')
      expect(requestOn(shown)).toBe(request)
      expect(await signedInAs(agent)).toBeUndefined()
      expect((await upstream.auditRecords())[0]).toMatchObject({
        type: 'login.failed',
        reason: `${provider}: cancelled`,
      })
      upstream[provider].knobs.cancel = false
      const second = await agent.follow(await through(agent, provider, person, { request }))
      expect(second.location?.searchParams.get('code')).toBeTruthy()
    },
  )

  test('the sign-in page shows no text from the provider or from the URL', async () => {
    const { issuer } = upstream
    const agent = issuer.browser()
    const back = await agree(await start(agent, 'kakao'), people.kakao())
    back.searchParams.delete('code')
    back.searchParams.set('error', '<b>nonsense</b>')
    back.searchParams.set('error_description', 'call 010-0000-0000')
    const shown = await agent.follow(await comeBack(agent, back))
    expect(shown.body).not.toMatch(/nonsense|010-0000/)
    const page = await agent.get('/login?problem=%3Cb%3Ehello&provider=evil')
    expect(page.status).toBe(200)
    expect(page.body).not.toContain('hello')
  })
})

test('no endpoint accepts a code or a token that an app got from a provider (F16)', async () => {
  const { issuer, kakao } = upstream
  const client = await issuer.client()
  const code = (await agree(await start(issuer.browser(), 'kakao'), people.kakao())).searchParams.get('code')
  const response = await fetch(`${kakao.origin}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'kakao-app',
      client_secret: 'the-kakao-secret',
      redirect_uri: `${issuer.url}/callback/kakao`,
      code: code ?? '',
    }),
  })
  const { error, access_token: token, id_token: idToken } = (await response.json()) as Record<string, string>
  // Only the issuer has the verifier, so the secret alone cannot redeem the code.
  expect(error).toBe('invalid_grant')
  expect(token ?? idToken).toBeUndefined()
  const exchange = await issuer.form('/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    client_id: client.id,
    client_secret: client.secret ?? '',
    subject_token: 'ya29.of-an-app',
  })
  expect(exchange.json.error).toBe('unsupported_grant_type')
  const api = await issuer.json('/api/token', { provider: 'kakao', access_token: 'of-an-app' })
  expect(api.status).toBeGreaterThanOrEqual(400)
  expect(api.status).toBeLessThan(500)
  expect((await issuer.bearer('/userinfo', 'ya29.of-an-app')).status).toBe(401)
})

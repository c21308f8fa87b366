import { describe, expect, test } from 'vitest'
import { missingEmails } from '../../fakes/kakao-people.ts'
import { hashToken } from '../../src/secrets.ts'
import { claimsOf, headerOf } from '../support/issuer.ts'
import {
  agree,
  comeBack,
  type ProviderId,
  requestOn,
  signedInAs,
  start,
  through,
  useUpstream,
} from '../support/upstream.ts'

const upstream = useUpstream()
const { people } = upstream

const userOf = async (id: string | undefined) => {
  const user = id === undefined ? undefined : await upstream.issuer.stores.users.find(id)
  if (user === undefined) throw new Error('nobody')
  return user
}

/** Through the provider, as one person, to their own account. */
const signedIn = async (provider: ProviderId, person: string) => {
  const agent = upstream.issuer.browser()
  const page = await through(agent, provider, person)
  expect(page.location?.pathname).toBe('/account')
  return { agent, page, user: await userOf(await signedInAs(agent)) }
}

describe.each(['kakao', 'google', 'naver'] as const)('signing in with %s', (provider) => {
  test('from the client’s request to tokens of a new account, and again to the same', async () => {
    const { issuer } = upstream
    const client = await issuer.client()
    const person = people.of(provider)
    const subjects = new Set<unknown>()
    for (const expected of ['a new account', 'the same']) {
      const agent = issuer.browser()
      const login = await agent.follow(await issuer.authorize(client, { ui_locales: 'ko' }, agent))
      expect(login.body, expected).toContain(`action="/login/${provider}"`)
      const request = requestOn(login) ?? ''
      const back = await agent.follow(await through(agent, provider, person, { request }))
      expect(back.location?.origin).toBe('https://app.example')
      expect(back.location?.searchParams.get('code')).toBeTruthy()
      expect(back.location?.searchParams.get('state')).toBe('st4te')
      subjects.add(await signedInAs(agent))
    }
    expect(subjects.size).toBe(1)
  })

  test('a new session id, though a session was there; amr and auth_time tell how and when (F8)', async () => {
    const { issuer, clock } = upstream
    const client = await issuer.client()
    const agent = issuer.browser()
    const other = await issuer.user()
    await issuer.signInOn(agent, await agent.get('/login'), other)
    const before = agent.cookies.get('__Host-dojang_session')
    clock.advance(60)
    const at = clock.now()
    await through(agent, provider, people.of(provider))
    const after = agent.cookies.get('__Host-dojang_session')
    expect(after).toBeDefined()
    expect(after).not.toBe(before)
    const stale = issuer.browser()
    stale.cookies.set('__Host-dojang_session', before ?? '')
    expect((await stale.get('/account')).location?.pathname).toBe('/login')
    clock.advance(30)
    const { idToken, accessToken } = await issuer.tokens(client, other, {}, agent)
    const claims = claimsOf(idToken)
    expect(claims.amr).toEqual(['fed', provider])
    expect(claims.auth_time).toBe(Math.floor(at.getTime() / 1000))
    expect(claimsOf(accessToken).onboarded).toBe(false)
    expect(claims.sub).not.toBe(other.id)
    expect(headerOf(accessToken).typ).toBe('at+jwt')
  })

  test('nonce and PKCE go along where the provider takes them, state always (F15)', async () => {
    const to = await start(upstream.issuer.browser(), provider)
    const query = to.searchParams
    expect(query.get('state')).toMatch(/^[\w-]{43}$/)
    expect(query.get('redirect_uri')).toBe(`${upstream.issuer.url}/callback/${provider}`)
    if (provider === 'naver') return expect(query.has('nonce')).toBe(false)
    expect(query.get('nonce')).toMatch(/^[\w-]{43}$/)
    expect(query.get('code_challenge')).toMatch(/^[\w-]{43}$/)
    expect(query.get('code_challenge_method')).toBe('S256')
  })

  test('of state only a hash is stored (F14)', async () => {
    const { issuer } = upstream
    const agent = issuer.browser()
    const to = await start(agent, provider)
    const state = to.searchParams.get('state') ?? ''
    const browserHash = hashToken(agent.cookies.get('__Host-dojang_upstream') ?? '')
    const attempts = issuer.stores.upstreamAttempts
    expect((await attempts.take(state, { browserHash, provider })).outcome).toBe('unknown')
    expect((await attempts.take(hashToken(state), { browserHash, provider })).outcome).toBe('taken')
  })

  test('the cookie that binds the browser is Lax, HttpOnly, Secure, and names no host (G2)', async () => {
    const page = await upstream.issuer.browser().submit(`/login/${provider}`, {})
    const cookie = page.headers.getSetCookie().find((line) => line.startsWith('__Host-dojang_upstream='))
    expect(cookie).toMatch(/; SameSite=Lax/i)
    expect(cookie).toMatch(/; HttpOnly/i)
    expect(cookie).toMatch(/; Secure/i)
    expect(cookie).toMatch(/; Path=\//i)
    expect(cookie).not.toMatch(/Domain/i)
  })

  test('a start from another site, or from nobody knows where, is refused and stores nothing (G3)', async () => {
    const { issuer } = upstream
    for (const headers of [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: issuer.url, 'sec-fetch-site': 'same-site' },
    ]) {
      const page = await issuer.browser().submit(`/login/${provider}`, {}, headers)
      expect(page.status).toBe(403)
      expect(page.location).toBeUndefined()
      expect(page.headers.getSetCookie()).toEqual([])
    }
    const bare = await issuer.form(`/login/${provider}`, {})
    expect(bare.status).toBe(403)
  })

  test('HEAD on the callback spends nothing (G4)', async () => {
    const { issuer } = upstream
    const agent = issuer.browser()
    const back = await agree(await start(agent, provider), people.of(provider))
    const cookie = `__Host-dojang_upstream=${agent.cookies.get('__Host-dojang_upstream')}`
    const head = await issuer.send(`${back.pathname}${back.search}`, { method: 'HEAD', headers: { cookie } })
    expect(head.status).toBe(404)
    expect((await comeBack(agent, back)).location?.pathname).toBe('/account')
    expect(await signedInAs(agent)).toBeDefined()
  })

  test('the callback goes away at once: 303, no store, no code in the address, none in the referrer (G9)', async () => {
    const agent = upstream.issuer.browser()
    const page = await through(agent, provider, people.of(provider))
    expect(page.status).toBe(303)
    expect(page.body).toBe('')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.location?.search).not.toMatch(/code|state/)
  })

  test('two tabs, two sign-ins at once: both come back', async () => {
    const agent = upstream.issuer.browser()
    const person = people.of(provider)
    const [one, two] = [await start(agent, provider), await start(agent, provider)]
    expect(one.searchParams.get('state')).not.toBe(two.searchParams.get('state'))
    const second = await comeBack(agent, await agree(two, person))
    const first = await comeBack(agent, await agree(one, person))
    expect([first, second].map(({ location }) => location?.pathname)).toEqual(['/account', '/account'])
  })

  test('a disabled account is refused politely, and nobody is signed in', async () => {
    const { issuer, clock } = upstream
    const person = people.of(provider)
    const { user } = await signedIn(provider, person)
    await issuer.stores.users.change(user.id, { disabledAt: clock.now() }, clock.now())
    const agent = issuer.browser()
    const page = await agent.follow(await through(agent, provider, person))
    expect(page.status).toBe(403)
    expect(page.body).toContain('This account can’t be used at the moment')
    expect(await signedInAs(agent)).toBeUndefined()
    expect((await upstream.auditRecords())[0]).toMatchObject({
      type: 'login.failed',
      userId: user.id,
      reason: `${provider}: disabled`,
    })
  })

  test('the login page lets its form go to the provider and back to the client (G5)', async () => {
    const { issuer } = upstream
    const login = await issuer.browser().get('/login')
    const policy = login.headers.get('content-security-policy')
    const form = /form-action ([^;]+)/.exec(policy ?? '')?.[1]?.split(' ')
    expect(form).toContain(upstream[provider].origin)
    expect(form).toContain("'self'")
  })

  test('sign-ins and new accounts are in the audit log', async () => {
    const { user } = await signedIn(provider, people.of(provider))
    const events = (await upstream.auditRecords()).filter(({ userId }) => userId === user.id)
    expect(events.map(({ type, reason }) => [type, reason])).toEqual([
      ['login.succeeded', `fed ${provider}`],
      ['user.registered', provider],
    ])
  })
})

describe('who it is', () => {
  test('an identity is provider and subject: the same e-mail changes nothing, a new one neither (F9)', async () => {
    const person = people.google({ email: 'first@gmail.com' })
    const { user } = await signedIn('google', person)
    const there = upstream.google.people.find(({ id }) => id === person)
    if (there) there.email = 'second@gmail.com'
    const again = await signedIn('google', person)
    expect(again.user.id).toBe(user.id)
    expect(again.user.email).toBe('first@gmail.com')
    const [identity] = await upstream.issuer.stores.identities.listOfUser(user.id)
    expect(identity).toMatchObject({ provider: 'google', subject: person, email: 'second@gmail.com' })
  })

  test('a Kakao id is kept as text (F9)', async () => {
    const person = people.kakao()
    const { user } = await signedIn('kakao', person)
    const [identity] = await upstream.issuer.stores.identities.listOfUser(user.id)
    expect(identity?.subject).toBe(person)
  })

  test.each([
    ['@gmail.com, verified', { emailVerified: true }, true],
    ['@gmail.com, verified as text', { emailVerified: 'true' as const }, true],
    ['@gmail.com, not verified', { emailVerified: false }, false],
    ['@gmail.com, nothing said', { emailVerified: undefined }, false],
    ['another host, verified', { emailVerified: true, email: 'a1@example.com' }, false],
    ['Workspace, verified', { emailVerified: true, email: 'a2@hanok.example', hd: 'hanok.example' }, true],
    [
      'Workspace, not verified',
      { emailVerified: false, email: 'a3@hanok.example', hd: 'hanok.example' },
      false,
    ],
    ['a host that ends alike', { emailVerified: true, email: 'a4@notgmail.com' }, false],
    ['a host that begins alike', { emailVerified: true, email: 'a5@gmail.com.evil.example' }, false],
  ])('Google, %s: proven is %s (F11)', async (_what, facts, proven) => {
    const { user } = await signedIn('google', people.google(facts))
    expect(user.emailVerified).toBe(proven)
    expect(user.email).toBeDefined()
  })

  test('a Kakao address that is there, agreed to, valid and verified is proven (F12)', async () => {
    const person = people.kakao({ email: 'usable@kakao.example' })
    const { user } = await signedIn('kakao', person)
    expect(user).toMatchObject({ email: 'usable@kakao.example', emailVerified: true, name: '김도장' })
  })

  test.each(missingEmails)(
    'Kakao, %s: an account all the same, and nothing is proven (F12)',
    async (emailCase) => {
      const person = people.kakao({ emailCase })
      const { user, agent } = await signedIn('kakao', person)
      expect(user.emailVerified).toBe(false)
      const given = ['invalid', 'unverified'].includes(emailCase)
      expect(user.email).toBe(given ? `member-${person}@kakao.example` : undefined)
      expect((await agent.get('/account')).status).toBe(200)
      expect((await signedIn('kakao', person)).user.id).toBe(user.id)
    },
  )

  test('an address that the person leaves out on the consent page is not asked for again (F12)', async () => {
    upstream.kakao.knobs.without = ['account_email']
    const { user } = await signedIn('kakao', people.kakao())
    expect(user.email).toBeUndefined()
  })

  test('a Naver address is never proven', async () => {
    const { user } = await signedIn('naver', people.naver())
    expect(user.email).toMatch(/@naver\.com$/)
    expect(user.emailVerified).toBe(false)
  })
})

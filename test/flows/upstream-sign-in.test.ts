import { describe, expect, test } from 'vitest'
import { missingEmails } from '../../fakes/kakao-people.ts'
import { claimsOf, headerOf } from '../support/issuer.ts'
import {
  agree,
  comeBack,
  cookieHeader,
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
  if (user === undefined) throw new Error('The user does not exist.')
  return user
}

/** Signs the person in through the provider, without a client. */
const signedIn = async (provider: ProviderId, person: string) => {
  const agent = upstream.issuer.browser()
  const page = await through(agent, provider, person)
  expect(page.location?.pathname).toBe('/account')
  return { agent, page, user: await userOf(await signedInAs(agent)) }
}

describe.each(['kakao', 'google', 'naver'] as const)('signing in with %s', (provider) => {
  test(`a sign-in with ${provider} leads to a code for the client, each time for the same account`, async () => {
    const { issuer } = upstream
    const client = await issuer.client()
    const person = people.of(provider)
    const subjects = new Set<unknown>()
    for (const expected of ['a new account', 'the same account']) {
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

  test(`a sign-in with ${provider} replaces an existing session and sets amr and auth_time (F8)`, async () => {
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

  test(`the request to ${provider} has a state, and a nonce and PKCE where the provider supports them (F15)`, async () => {
    const to = await start(upstream.issuer.browser(), provider)
    const query = to.searchParams
    expect(query.get('state')).toMatch(/^[\w-]{43}$/)
    expect(query.get('redirect_uri')).toBe(`${upstream.issuer.url}/callback/${provider}`)
    if (provider === 'naver') return expect(query.has('nonce')).toBe(false)
    expect(query.get('nonce')).toMatch(/^[\w-]{43}$/)
    expect(query.get('code_challenge')).toMatch(/^[\w-]{43}$/)
    expect(query.get('code_challenge_method')).toBe('S256')
  })

  test(`the cookie of a sign-in with ${provider} shows neither state, nonce nor PKCE verifier (F14)`, async () => {
    const agent = upstream.issuer.browser()
    const { searchParams } = await start(agent, provider)
    const cookies = JSON.stringify([...agent.cookies])
    expect(cookies).not.toContain(searchParams.get('state'))
    expect(cookies).toMatch(/"__Host-dojang_upstream_[\w-]{22}","v1\.[\w-]+"/)
  })

  test(`the cookie of a sign-in with ${provider} is Lax, HttpOnly and Secure and has no Domain (G2)`, async () => {
    const page = await upstream.issuer.browser().submit(`/login/${provider}`, {})
    const cookie = page.headers.getSetCookie().find((line) => line.startsWith('__Host-dojang_upstream_'))
    expect(cookie).toMatch(/; SameSite=Lax/i)
    expect(cookie).toMatch(/; HttpOnly/i)
    expect(cookie).toMatch(/; Secure/i)
    expect(cookie).toMatch(/; Path=\//i)
    expect(cookie).not.toMatch(/Domain/i)
  })

  test(`a sign-in with ${provider} that starts on another site or without an origin gets 403 (G3)`, async () => {
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

  test(`a HEAD request does not spend the state of a sign-in with ${provider} (G4)`, async () => {
    const { issuer } = upstream
    const agent = issuer.browser()
    const back = await agree(await start(agent, provider), people.of(provider))
    const cookie = cookieHeader(agent)
    const head = await issuer.send(`${back.pathname}${back.search}`, { method: 'HEAD', headers: { cookie } })
    expect(head.status).toBe(404)
    expect((await comeBack(agent, back)).location?.pathname).toBe('/account')
    expect(await signedInAs(agent)).toBeDefined()
  })

  test(`the callback of ${provider} redirects with no-store and no-referrer, without code and state (G9)`, async () => {
    const agent = upstream.issuer.browser()
    const page = await through(agent, provider, people.of(provider))
    expect(page.status).toBe(303)
    expect(page.body).toBe('')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.location?.search).not.toMatch(/code|state/)
  })

  test(`two sign-ins with ${provider} in two tabs both succeed`, async () => {
    const agent = upstream.issuer.browser()
    const person = people.of(provider)
    const [one, two] = [await start(agent, provider), await start(agent, provider)]
    expect(one.searchParams.get('state')).not.toBe(two.searchParams.get('state'))
    const second = await comeBack(agent, await agree(two, person))
    const first = await comeBack(agent, await agree(one, person))
    expect([first, second].map(({ location }) => location?.pathname)).toEqual(['/account', '/account'])
  })

  test(`a disabled account cannot sign in with ${provider}, and the page says so`, async () => {
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

  test(`form-action on the login page allows the issuer and ${provider} (G5)`, async () => {
    const { issuer } = upstream
    const login = await issuer.browser().get('/login')
    const policy = login.headers.get('content-security-policy')
    const form = /form-action ([^;]+)/.exec(policy ?? '')?.[1]?.split(' ')
    expect(form).toContain(upstream[provider].origin)
    expect(form).toContain("'self'")
  })

  test(`a registration and a sign-in with ${provider} are in the audit log`, async () => {
    const { user } = await signedIn(provider, people.of(provider))
    const events = (await upstream.auditRecords()).filter(({ userId }) => userId === user.id)
    expect(events.map(({ type, reason }) => [type, reason])).toEqual([
      ['login.succeeded', `fed ${provider}`],
      ['user.registered', provider],
    ])
  })
})

test('one network may register twenty accounts at once through providers, and then the page says so (H2)', async () => {
  const { issuer } = upstream
  const register = async () => {
    const agent = issuer.browser()
    const person = people.kakao()
    return { agent, person, page: await agent.follow(await through(agent, 'kakao', person)) }
  }
  for (let count = 0; count < 20; count += 1) expect((await register()).page.status).toBe(200)
  const { agent, person, page } = await register()
  expect(page.status).toBe(429)
  expect(await signedInAs(agent)).toBeUndefined()
  expect(await issuer.stores.identities.find('kakao', person)).toBeUndefined()
})

describe('the identity of a person', () => {
  test('provider and subject identify a user, so a new e-mail address changes only the identity (F9)', async () => {
    const person = people.google({ email: 'first@gmail.com' })
    const { user } = await signedIn('google', person)
    const atGoogle = upstream.google.people.find(({ id }) => id === person)
    if (atGoogle) atGoogle.email = 'second@gmail.com'
    const again = await signedIn('google', person)
    expect(again.user.id).toBe(user.id)
    expect(again.user.email).toBe('first@gmail.com')
    const [identity] = await upstream.issuer.stores.identities.listOfUser(user.id)
    expect(identity).toMatchObject({ provider: 'google', subject: person, email: 'second@gmail.com' })
  })

  test('a Kakao id is stored as text (F9)', async () => {
    const person = people.kakao()
    const { user } = await signedIn('kakao', person)
    const [identity] = await upstream.issuer.stores.identities.listOfUser(user.id)
    expect(identity?.subject).toBe(person)
  })

  test.each([
    ['a verified address at gmail.com counts as verified', { emailVerified: true }, true],
    [
      'an address at gmail.com counts as verified if email_verified is "true"',
      { emailVerified: 'true' as const },
      true,
    ],
    ['an unverified address at gmail.com counts as unverified', { emailVerified: false }, false],
    [
      'an address at gmail.com without email_verified counts as unverified',
      { emailVerified: undefined },
      false,
    ],
    [
      'a verified address at another host counts as unverified',
      { emailVerified: true, email: 'a1@example.com' },
      false,
    ],
    [
      'a verified Workspace address counts as verified',
      { emailVerified: true, email: 'a2@hanok.example', hd: 'hanok.example' },
      true,
    ],
    [
      'an unverified Workspace address counts as unverified',
      { emailVerified: false, email: 'a3@hanok.example', hd: 'hanok.example' },
      false,
    ],
    [
      'a verified address at a host that ends with gmail.com counts as unverified',
      { emailVerified: true, email: 'a4@notgmail.com' },
      false,
    ],
    [
      'a verified address at a host that begins with gmail.com counts as unverified',
      { emailVerified: true, email: 'a5@gmail.com.evil.example' },
      false,
    ],
  ])('from Google, %s (F11)', async (_rule, facts, verified) => {
    const { user } = await signedIn('google', people.google(facts))
    expect(user.emailVerified).toBe(verified)
    expect(user.email).toBeDefined()
  })

  test('a Kakao address that is shared, valid and verified counts as verified (F12)', async () => {
    const person = people.kakao({ email: 'usable@kakao.example' })
    const { user } = await signedIn('kakao', person)
    expect(user).toMatchObject({ email: 'usable@kakao.example', emailVerified: true, name: '김도장' })
  })

  test('a nickname that nobody can see is not taken from Kakao, and the sign-in works', async () => {
    const { user } = await signedIn('kakao', people.kakao({ nickname: '\u3164\u200b' }))
    expect(user).not.toHaveProperty('name')
  })

  test.each(missingEmails)(
    'a Kakao account with the e-mail case %s gets an account without a verified address (F12)',
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

  test('a person who declines the e-mail item at Kakao signs in to an account without an address (F12)', async () => {
    upstream.kakao.knobs.without = ['account_email']
    const { user } = await signedIn('kakao', people.kakao())
    expect(user.email).toBeUndefined()
  })

  test('a Naver address never counts as verified', async () => {
    const { user } = await signedIn('naver', people.naver())
    expect(user.email).toMatch(/@naver\.com$/)
    expect(user.emailVerified).toBe(false)
  })
})

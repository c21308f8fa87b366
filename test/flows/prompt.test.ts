import { describe, expect, test } from 'vitest'
import type { Browser, Page } from '../../harness/browser.ts'
import { claimsOf, redirectUri, type TestClient } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const signedIn = async () => {
  const [client, user, agent] = [await issuer.client(), await issuer.user(), issuer.browser()]
  await issuer.tokens(client, user, {}, agent)
  return { client, user, agent }
}

const errorOf = (page: Page) => {
  expect(page.location?.href.startsWith(redirectUri)).toBe(true)
  return page.location?.searchParams.get('error')
}

const isLogin = (page: Page) => page.location?.pathname === '/login'

describe('prompt=none', () => {
  test('prompt=none answers login_required when no user is signed in (A20)', async () => {
    expect(errorOf(await issuer.authorize(await issuer.client(), { prompt: 'none' }))).toBe('login_required')
  })

  test('prompt=none returns a code at once when the user is signed in (A20)', async () => {
    const { client, agent } = await signedIn()
    const page = await issuer.authorize(client, { prompt: 'none' }, agent)
    expect(page.location?.searchParams.get('code')).toBeTruthy()
  })

  test('prompt=none answers consent_required to a third-party client without consent (A20)', async () => {
    const { agent } = await signedIn()
    const thirdParty = await issuer.client({ firstParty: false })
    expect(errorOf(await issuer.authorize(thirdParty, { prompt: 'none' }, agent))).toBe('consent_required')
  })

  test('prompt=none answers login_required when the sign-in is older than max_age (A20)', async () => {
    const { client, agent } = await signedIn()
    issuer.clock.advance(120)
    expect(errorOf(await issuer.authorize(client, { prompt: 'none', max_age: '60' }, agent))).toBe(
      'login_required',
    )
  })

  test('prompt=none answers login_required when id_token_hint names another user (A20)', async () => {
    const { client, agent } = await signedIn()
    const { idToken } = await issuer.tokens(client, await issuer.user())
    expect(errorOf(await issuer.authorize(client, { prompt: 'none', id_token_hint: idToken }, agent))).toBe(
      'login_required',
    )
  })

  test('rejects prompt=none together with another prompt as invalid_request (A20)', async () => {
    expect(errorOf(await issuer.authorize(await issuer.client(), { prompt: 'none login' }))).toBe(
      'invalid_request',
    )
  })
})

test('several values of prompt are asked for one after the other (A20)', async () => {
  const { client, user, agent } = await signedIn()
  const login = await issuer.authorize(client, { prompt: 'login consent' }, agent)
  expect(isLogin(login)).toBe(true)
  expect((await issuer.signInOn(agent, login, user)).body).toContain('name="decision"')
})

test('the session of a browser ends after seven idle days, and after thirty days in any case', async () => {
  const days = async (agent: Browser, step: number, count: number) => {
    for (let day = 0; day < count; day += step) {
      issuer.clock.advance(step * 86_400)
      await agent.get('/account')
    }
  }
  const silently = async (agent: Browser, client: TestClient) => {
    const { location } = await issuer.authorize(client, { prompt: 'none' }, agent)
    return location?.searchParams.get('error') ?? 'signed in'
  }
  const idle = await signedIn()
  await days(idle.agent, 6, 6)
  expect(await silently(idle.agent, idle.client)).toBe('signed in')
  issuer.clock.advance(7 * 86_400)
  expect(await silently(idle.agent, idle.client)).toBe('login_required')
  const busy = await signedIn()
  await days(busy.agent, 5, 25)
  expect(await silently(busy.agent, busy.client)).toBe('signed in')
  await days(busy.agent, 5, 5)
  expect(await silently(busy.agent, busy.client)).toBe('login_required')
})

describe('a user who is named by id_token_hint', () => {
  test('prompt=none returns a code when id_token_hint names the user who is signed in (A20)', async () => {
    const { client, user, agent } = await signedIn()
    const { idToken } = await issuer.tokens(client, user, {}, agent)
    const page = await issuer.authorize(client, { prompt: 'none', id_token_hint: idToken }, agent)
    expect(page.location?.searchParams.get('code')).toBeTruthy()
  })

  test('a user whom id_token_hint does not name can sign in as the named user (A20)', async () => {
    const { client, agent } = await signedIn()
    const named = await issuer.user()
    const { idToken } = await issuer.tokens(client, named)
    issuer.clock.advance(5)
    const login = await issuer.authorize(client, { id_token_hint: idToken }, agent)
    expect(isLogin(login)).toBe(true)
    // The session of the other user began before this request, so this is still the login page.
    const resume = `/authorize?resume=${login.location?.searchParams.get('request')}`
    expect(isLogin(await agent.get(resume))).toBe(true)
    expect((await issuer.signInOn(agent, login, named)).location?.searchParams.get('code')).toBeTruthy()
  })

  test('a sign-in as somebody else than id_token_hint names is answered login_required (A20)', async () => {
    const client = await issuer.client()
    const { idToken } = await issuer.tokens(client, await issuer.user())
    const agent = issuer.browser()
    const login = await issuer.authorize(client, { id_token_hint: idToken }, agent)
    expect(errorOf(await issuer.signInOn(agent, login, await issuer.user()))).toBe('login_required')
  })
})

describe('a new sign-in', () => {
  test.each(['login', 'select_account'])(
    'prompt=%s asks for a new sign-in and updates auth_time (A20)',
    async (prompt) => {
      const { client, user, agent } = await signedIn()
      issuer.clock.advance(300)
      expect(isLogin(await issuer.authorize(client, { prompt }, agent))).toBe(true)
      const { idToken } = await issuer.tokens(client, user, { prompt }, agent)
      expect(claimsOf(idToken).auth_time).toBe(Math.floor(issuer.clock.now().getTime() / 1000))
    },
  )

  test('a resumed request asks for the new sign-in again if there was none since (A20)', async () => {
    const { client, agent } = await signedIn()
    issuer.clock.advance(300)
    for (const params of [{ prompt: 'login' }, { max_age: '60' }]) {
      const login = await issuer.authorize(client, params, agent)
      const resume = `/authorize?resume=${login.location?.searchParams.get('request')}`
      expect(isLogin(await agent.get(resume))).toBe(true)
    }
  })

  test('max_age asks for a new sign-in only when the last one is older (A20)', async () => {
    const { client, user, agent } = await signedIn()
    issuer.clock.advance(59)
    expect(isLogin(await issuer.authorize(client, { max_age: '60' }, agent))).toBe(false)
    issuer.clock.advance(2)
    expect(isLogin(await issuer.authorize(client, { max_age: '60' }, agent))).toBe(true)
    const { idToken } = await issuer.tokens(client, user, { max_age: '60' }, agent)
    expect(claimsOf(idToken).auth_time).toBe(Math.floor(issuer.clock.now().getTime() / 1000))
  })

  test('max_age=0 asks for a new sign-in exactly once (A20)', async () => {
    const { client, user, agent } = await signedIn()
    issuer.clock.advance(1)
    expect(isLogin(await issuer.authorize(client, { max_age: '0' }, agent))).toBe(true)
    expect((await issuer.tokens(client, user, { max_age: '0' }, agent)).accessToken).toBeTruthy()
  })

  test('prompt=create opens the registration page (A20)', async () => {
    const page = await issuer.authorize(await issuer.client(), { prompt: 'create' })
    expect(page.location?.pathname).toBe('/register')
    const { client, agent } = await signedIn()
    expect((await issuer.authorize(client, { prompt: 'create' }, agent)).location?.pathname).toBe('/register')
  })

  test('rejects a max_age that is not a non-negative integer as invalid_request (A20)', async () => {
    for (const max_age of ['-1', 'x', '1.5', '1e3'])
      expect(errorOf(await issuer.authorize(await issuer.client(), { max_age }))).toBe('invalid_request')
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Page } from '../../harness/browser.ts'
import { claimsOf, redirectUri, type TestIssuer, testIssuer } from '../support/issuer.ts'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await testIssuer()
})
afterAll(() => issuer.close())

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
  test('nobody signed in: login_required, and no page (A20)', async () => {
    expect(errorOf(await issuer.authorize(await issuer.client(), { prompt: 'none' }))).toBe('login_required')
  })

  test('signed in: a code at once (A20)', async () => {
    const { client, agent } = await signedIn()
    const page = await issuer.authorize(client, { prompt: 'none' }, agent)
    expect(page.location?.searchParams.get('code')).toBeTruthy()
  })

  test('a third-party client without consent: consent_required (A20)', async () => {
    const { agent } = await signedIn()
    const stranger = await issuer.client({ firstParty: false })
    expect(errorOf(await issuer.authorize(stranger, { prompt: 'none' }, agent))).toBe('consent_required')
  })

  test('too old a sign-in for max_age: login_required (A20)', async () => {
    const { client, agent } = await signedIn()
    issuer.clock.advance(120)
    expect(errorOf(await issuer.authorize(client, { prompt: 'none', max_age: '60' }, agent))).toBe(
      'login_required',
    )
  })

  test('somebody else than the hint names: login_required (A20)', async () => {
    const { client, agent } = await signedIn()
    const { idToken } = await issuer.tokens(client, await issuer.user())
    expect(errorOf(await issuer.authorize(client, { prompt: 'none', id_token_hint: idToken }, agent))).toBe(
      'login_required',
    )
  })

  test('together with another prompt it is invalid_request (A20)', async () => {
    expect(errorOf(await issuer.authorize(await issuer.client(), { prompt: 'none login' }))).toBe(
      'invalid_request',
    )
  })
})

describe('a fresh sign-in', () => {
  test.each(['login', 'select_account'])(
    'prompt=%s asks again, and auth_time is new (A20)',
    async (prompt) => {
      const { client, user, agent } = await signedIn()
      issuer.clock.advance(300)
      expect(isLogin(await issuer.authorize(client, { prompt }, agent))).toBe(true)
      const { idToken } = await issuer.tokens(client, user, { prompt }, agent)
      expect(claimsOf(idToken).auth_time).toBe(Math.floor(issuer.clock.now().getTime() / 1000))
    },
  )

  test('max_age asks again when the sign-in is older, and only then (A20)', async () => {
    const { client, user, agent } = await signedIn()
    issuer.clock.advance(59)
    expect(isLogin(await issuer.authorize(client, { max_age: '60' }, agent))).toBe(false)
    issuer.clock.advance(2)
    expect(isLogin(await issuer.authorize(client, { max_age: '60' }, agent))).toBe(true)
    const { idToken } = await issuer.tokens(client, user, { max_age: '60' }, agent)
    expect(claimsOf(idToken).auth_time).toBe(Math.floor(issuer.clock.now().getTime() / 1000))
  })

  test('max_age=0 always asks, once (A20)', async () => {
    const { client, user, agent } = await signedIn()
    issuer.clock.advance(1)
    expect(isLogin(await issuer.authorize(client, { max_age: '0' }, agent))).toBe(true)
    expect((await issuer.tokens(client, user, { max_age: '0' }, agent)).accessToken).toBeTruthy()
  })

  test('prompt=create opens the sign-up page (A20)', async () => {
    const page = await issuer.authorize(await issuer.client(), { prompt: 'create' })
    expect(page.location?.pathname).toBe('/register')
  })

  test('a max_age that is no number is invalid_request (A20)', async () => {
    for (const max_age of ['-1', 'x', '1.5', '1e3'])
      expect(errorOf(await issuer.authorize(await issuer.client(), { max_age }))).toBe('invalid_request')
  })
})

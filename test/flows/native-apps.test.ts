// Any app on a device can use a loopback port or a private scheme, so no code goes there without a click
// (RFC 8252 §8.6).
import { describe, expect, test } from 'vitest'
import type { Browser, Page } from '../../harness/browser.ts'
import type { TestClient, TestUser } from '../support/issuer.ts'
import { requestOn } from '../support/upstream.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()
const uris = [
  'http://127.0.0.1:6666/cb',
  'http://[::1]/cb',
  'http://localhost:3000/cb',
  'com.example.app:/cb',
]

const codeOf = (page: Page) => page.location?.searchParams.get('code')
const errorOf = (page: Page) => page.location?.searchParams.get('error')

const signedIn = async (): Promise<{ user: TestUser; agent: Browser }> => {
  const [user, agent] = [await issuer.user(), issuer.browser()]
  await issuer.tokens(await issuer.client(), user, {}, agent)
  return { user, agent }
}

const nativeApp = (uri: string): Promise<TestClient> =>
  issuer.client({ name: 'Pocket', redirectUris: [uri], secretHash: undefined } as never)

describe.each(uris)('a first-party app on %s', (uri) => {
  test('gets a code for a signed-in user only after a click on a page that names both (G11)', async () => {
    const { user, agent } = await signedIn()
    const app = await nativeApp(uri)
    const page = await agent.follow(await issuer.authorize(app, {}, agent))
    expect(page.status).toBe(200)
    expect(page.body).toContain('Continue to Pocket?')
    expect(page.body).toContain(`<dd>${user.email}</dd>`)
    const request = requestOn(page) ?? ''
    const done = await agent.follow(await agent.submit('/consent', { request, decision: 'allow' }))
    expect(codeOf(done)).toBeTruthy()
    // The click counts once: the next request asks again, and no consent was stored.
    expect(codeOf(await issuer.authorize(app, {}, agent))).toBeFalsy()
    expect(await issuer.stores.consents.find(user.id, app.id)).toBeUndefined()
  })

  test('gets access_denied if the user does not continue (G11)', async () => {
    const { agent } = await signedIn()
    const page = await agent.follow(await issuer.authorize(await nativeApp(uri), {}, agent))
    const denied = await agent.submit('/consent', { request: requestOn(page) ?? '', decision: 'deny' })
    expect(errorOf(denied)).toBe('access_denied')
  })

  test('gets interaction_required with prompt=none (A20, G11)', async () => {
    const { agent } = await signedIn()
    const page = await issuer.authorize(await nativeApp(uri), { prompt: 'none' }, agent)
    expect(errorOf(page)).toBe('interaction_required')
  })

  test('gets a code without a further click after a sign-in on the page of its request (G11)', async () => {
    const agent = issuer.browser()
    const first = await issuer.authorize(await nativeApp(uri), {}, agent)
    expect(codeOf(await issuer.signInOn(agent, first, await issuer.user()))).toBeTruthy()
  })
})

test('a request that waited in another program gets no silent code after the user signed in elsewhere (G11)', async () => {
  // A program asks without cookies, keeps the text and opens the browser with it later.
  const app = await nativeApp('http://127.0.0.1:6666/cb')
  const parked = (await issuer.authorize(app)).location?.searchParams.get('request')
  issuer.clock.advance(1)
  const { agent } = await signedIn()
  const page = await agent.get(`/authorize?resume=${parked}`)
  expect(page.location?.pathname).toBe('/consent')
  expect(codeOf(page)).toBeFalsy()
})

test('the click of one user gives another user no code (G11)', async () => {
  const app = await nativeApp('com.example.app:/cb')
  const [one, two] = [await signedIn(), await signedIn()]
  const page = await one.agent.follow(await issuer.authorize(app, {}, one.agent))
  const clicked = await one.agent.submit('/consent', { request: requestOn(page) ?? '', decision: 'allow' })
  const { pathname, search } = clicked.location ?? new URL(issuer.url)
  expect((await two.agent.get(`${pathname}${search}`)).location?.pathname).toBe('/consent')
})

test('the page exists in Korean, and a first-party app on https gets a silent code (G11)', async () => {
  const { agent } = await signedIn()
  const app = await nativeApp('http://127.0.0.1/cb')
  const page = await agent.follow(await issuer.authorize(app, { ui_locales: 'ko' }, agent))
  expect(page.body).toContain('Pocket 앱으로 이동할까요?')
  expect(codeOf(await issuer.authorize(await issuer.client(), {}, agent))).toBeTruthy()
})

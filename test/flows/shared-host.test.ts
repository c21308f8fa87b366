// Two issuers on two ports of one host, such as two demos. A browser sends its cookies to every port, so each
// issuer gets the cookies of the other one.
import { beforeEach, expect, test } from 'vitest'
import { type Browser, browser } from '../../harness/browser.ts'
import type { TestClient, TestIssuer, TestUser } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

interface Side {
  issuer: TestIssuer
  user: TestUser
  client: TestClient
  agent: Browser
}

const issuers = [useIssuer(), useIssuer()] as const
let first: Side
let second: Side

beforeEach(async () => {
  const cookies = new Map<string, string>()
  const side = async (issuer: TestIssuer): Promise<Side> => ({
    issuer,
    user: await issuer.user(),
    client: await issuer.client({ postLogoutRedirectUris: ['https://app.example/'] }),
    agent: browser(issuer.url, cookies),
  })
  ;[first, second] = [await side(issuers[0]), await side(issuers[1])]
})

const signIn = ({ issuer, client, user, agent }: Side) => issuer.tokens(client, user, {}, agent)

test('a browser that is signed in at another issuer on the host gets the login page, and signs in', async () => {
  await signIn(first)
  const { issuer, client, agent } = second
  const page = await agent.follow(await issuer.authorize(client, {}, agent))
  expect(page.status).toBe(200)
  expect(page.body).toContain('action="/login/password"')
  expect((await agent.get('/account')).location?.pathname).toBe('/login')
  expect((await signIn(second)).answer.status).toBe(200)
})

test('after a sign-in at the other issuer the first one asks to sign in again, and its tokens still work', async () => {
  const tokens = await signIn(first)
  await signIn(second)
  const { issuer, client, agent } = first
  for (const form of ['/account/profile', '/account/sessions/end-others'])
    expect((await agent.submit(form, { name: 'Jane' })).location?.pathname).toBe('/login')
  const page = await agent.follow(await issuer.authorize(client, {}, agent))
  expect([page.status, page.body.includes('action="/login/password"')]).toEqual([200, true])
  expect((await issuer.refresh(client, tokens.refreshToken)).status).toBe(200)
  expect((await signIn(first)).answer.status).toBe(200)
})

test('a login page and a consent page that are open at one issuer survive a sign-in at the other', async () => {
  const { issuer, user, agent } = first
  const thirdParty = await issuer.client({ firstParty: false })
  const requestOn = (body: string) => /name="request" value="([^"]+)"/.exec(body)?.[1] ?? ''
  const login = await agent.follow(await issuer.authorize(thirdParty, {}, agent))
  await signIn(second)
  const fields = { login: user.email, password: user.password, request: requestOn(login.body) }
  const consent = await agent.follow(await agent.submit('/login/password', fields))
  expect(consent.body).toContain('name="decision"')
  await signIn(second)
  const decision = { request: requestOn(consent.body), decision: 'allow' }
  const again = await agent.follow(await agent.submit('/consent', decision))
  expect([again.status, again.body.includes('action="/login/password"')]).toEqual([200, true])
})

test('a logout at one issuer redirects to its app, and the other issuer stays signed in', async () => {
  const { idToken } = await signIn(first)
  await signIn(second)
  const query = new URLSearchParams({
    id_token_hint: idToken,
    post_logout_redirect_uri: 'https://app.example/',
  })
  const out = await first.agent.get(`/end-session?${query}`)
  expect([out.status, out.location?.href]).toEqual([303, 'https://app.example/'])
  expect((await second.agent.get('/account')).status).toBe(200)
})

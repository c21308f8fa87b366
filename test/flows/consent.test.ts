// What a third-party client gets: only what the person allowed it, on a page that says what that is.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from '../../harness/browser.ts'
import { type TestIssuer, type TestUser, testIssuer } from '../support/issuer.ts'

let issuer: TestIssuer
let user: TestUser
beforeAll(async () => {
  issuer = await testIssuer()
  user = await issuer.user()
})
afterAll(() => issuer.close())

const requestOn = ({ body }: Page) => /name="request" value="([^"]+)"/.exec(body)?.[1] ?? ''
const isQuestion = ({ body }: Page) => body.includes('name="decision"')
const codeIn = ({ location }: Page) => location?.searchParams.get('code') ?? undefined

const stranger = (facts: Parameters<TestIssuer['client']>[0] = {}) =>
  issuer.client({ name: 'Pear notes', firstParty: false, ...facts })

/** The same browser for all that a person does. */
const person = async () => {
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: user.email, password: user.password })
  const ask = async (client: Awaited<ReturnType<typeof stranger>>, params = {}) =>
    agent.follow(await issuer.authorize(client, params, agent))
  return { agent, ask }
}

const decide = async (agent: Browser, page: Page, decision: string) =>
  agent.follow(await agent.submit('/consent', { request: requestOn(page), decision }))

const forget = ({ id }: { id: string }) => issuer.stores.consents.withdraw(user.id, id)

describe('a client of somebody else', () => {
  test('the page names the app, where it leads, every scope and for how long (G11)', async () => {
    const { ask } = await person()
    const page = await ask(await stranger(), { ui_locales: 'en' })
    expect(isQuestion(page)).toBe(true)
    for (const words of ['Pear notes', 'app.example', 'email address', 'up to 30 days', user.email])
      expect(page.body.toLowerCase()).toContain(words.toLowerCase())
  })

  test('nothing without a yes: neither silently nor by a no, nor by no answer (G11)', async () => {
    const [client, { agent, ask }] = [await stranger(), await person()]
    expect((await ask(client, { prompt: 'none' })).location?.searchParams.get('error')).toBe(
      'consent_required',
    )
    const refused = await decide(agent, await ask(client), 'deny')
    expect(refused.location?.searchParams.get('error')).toBe('access_denied')
    const unclear = await decide(agent, await ask(client), 'perhaps')
    expect(unclear.location?.searchParams.get('error')).toBe('access_denied')
    expect(await issuer.stores.consents.find(user.id, client.id)).toBeUndefined()
    expect(isQuestion(await ask(client))).toBe(true)
  })

  test('allowed once over https, it is not asked again; for more, or after a withdrawal, it is (G11)', async () => {
    const [client, { agent, ask }] = [await stranger(), await person()]
    const some = { scope: 'openid profile' }
    expect(codeIn(await decide(agent, await ask(client, some), 'allow'))).toBeDefined()
    expect(codeIn(await ask(client, some))).toBeDefined()
    expect(codeIn(await ask(client, { scope: 'openid' }))).toBeDefined()
    expect(isQuestion(await ask(client, { scope: 'openid profile email' }))).toBe(true)
    expect(isQuestion(await ask(client, { ...some, prompt: 'consent' }))).toBe(true)
    await agent.submit('/account/grants/withdraw', { client: client.id })
    expect(isQuestion(await ask(client, some))).toBe(true)
  })

  test.each(['http://127.0.0.1:8123/callback', 'com.example.notes:/callback'])(
    'at %s, which any app could claim, it is asked every time (G11)',
    async (uri) => {
      const [client, { agent, ask }] = [await stranger({ redirectUris: [uri] }), await person()]
      const page = await ask(client)
      expect(page.headers.get('content-security-policy')).toContain("form-action 'self' ")
      expect(codeIn(await decide(agent, page, 'allow'))).toBeDefined()
      expect(isQuestion(await ask(client))).toBe(true)
    },
  )

  test('a yes is for one request and one person: no other browser can use it (G11)', async () => {
    const client = await stranger()
    const [mine, other] = [await person(), issuer.browser()]
    const page = await mine.ask(client)
    const request = requestOn(page)
    await other.submit('/consent', { request, decision: 'allow' })
    expect(await issuer.stores.consents.find(user.id, client.id)).toBeUndefined()
    const somebody = await issuer.user()
    await other.submit('/login/password', { login: somebody.email, password: somebody.password })
    await mine.agent.submit('/consent', { request, decision: 'allow' })
    const theirs = await other.follow(await other.get(`/authorize?resume=${request}`))
    expect(codeIn(theirs)).toBeUndefined()
    await forget(client)
  })

  test('the team’s own clients ask nobody (G11)', async () => {
    const { ask } = await person()
    expect(codeIn(await ask(await issuer.client()))).toBeDefined()
  })
})

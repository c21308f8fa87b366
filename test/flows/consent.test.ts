// A third-party client gets only what the user allowed on the consent page.
import { beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from '../../harness/browser.ts'
import type { TestIssuer, TestUser } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()
let user: TestUser
beforeAll(async () => {
  user = await issuer.user()
})

const requestOn = ({ body }: Page) => /name="request" value="([^"]+)"/.exec(body)?.[1] ?? ''
const isQuestion = ({ body }: Page) => body.includes('name="decision"')
const codeIn = ({ location }: Page) => location?.searchParams.get('code') ?? undefined

const thirdParty = (facts: Parameters<TestIssuer['client']>[0] = {}) =>
  issuer.client({ name: 'Pear notes', firstParty: false, ...facts })

/** A user who is signed in. All their requests use the same browser. */
const person = async () => {
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: user.email, password: user.password })
  const ask = async (client: Awaited<ReturnType<typeof thirdParty>>, params = {}) =>
    agent.follow(await issuer.authorize(client, params, agent))
  return { agent, ask }
}

const decide = async (agent: Browser, page: Page, decision: string) =>
  agent.follow(await agent.submit('/consent', { request: requestOn(page), decision }))

const withdrawConsent = ({ id }: { id: string }) => issuer.stores.consents.withdraw(user.id, id)

describe('a third-party client', () => {
  test('the consent page names the client, its host, the scopes, the lifetime and the user (G11)', async () => {
    const { ask } = await person()
    const page = await ask(await thirdParty(), { ui_locales: 'en' })
    expect(isQuestion(page)).toBe(true)
    for (const words of ['Pear notes', 'app.example', 'email address', 'up to 30\u00a0days', user.email])
      expect(page.body.toLowerCase()).toContain(words.toLowerCase())
  })

  test('the consent page says what the scopes of an API mean, and names a scope without a text (G11)', async () => {
    const { ask } = await person()
    const [shop, bank] = ['https://shop.example', 'https://bank.example']
    const api = { name: 'API', claims: [], createdAt: issuer.clock.now() }
    await issuer.stores.apis.create({
      ...api,
      audience: shop,
      scopes: ['orders:read', 'orders:write'],
      scopeTexts: { 'orders:read': { ko: '<주문 내역> 보기', en: 'See your <orders>' } },
    })
    await issuer.stores.apis.create({
      ...api,
      audience: bank,
      scopes: ['orders:read'],
      scopeTexts: { 'orders:read': { ko: '이체 내역 보기', en: 'See your transfers' } },
    })
    const scopes = ['openid', 'orders:read', 'orders:write']
    const client = await thirdParty({ scopes, audiences: [shop, bank] })
    const permits = async (params: Record<string, string>) =>
      [...(await ask(client, params)).body.matchAll(/<li>(.*?)<\/li>/g)].map((match) => match[1])
    expect(await permits({ ui_locales: 'ko', resource: shop })).toEqual([
      '본인인지 확인하기',
      '&lt;주문 내역&gt; 보기',
      '다음 권한 사용하기 <code>orders:write</code>',
    ])
    expect(await permits({ ui_locales: 'en', resource: shop })).toContain('See your &lt;orders&gt;')
    expect(await permits({ ui_locales: 'en', resource: bank })).toContain('See your transfers')
    // Without `resource` the token is for the default audience of the client.
    await issuer.stores.clients.change(client.id, { defaultAudience: shop })
    expect(await permits({ ui_locales: 'en' })).toContain('See your &lt;orders&gt;')
    // The text of another API would be wrong.
    await issuer.stores.apis.change(shop, { scopeTexts: {} })
    expect(await permits({ ui_locales: 'en' })).toContain('Use the permission <code>orders:read</code>')
  })

  test('a client gets no code with prompt=none, a denial or an unclear answer (G11)', async () => {
    const [client, { agent, ask }] = [await thirdParty(), await person()]
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

  test('consent to an https client is remembered until it asks for more scopes or the user withdraws it (G11)', async () => {
    const [client, { agent, ask }] = [await thirdParty(), await person()]
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
    'a client at %s asks for consent every time (G11)',
    async (uri) => {
      const [client, { agent, ask }] = [await thirdParty({ redirectUris: [uri] }), await person()]
      const page = await ask(client)
      expect(page.body).toContain(new URL(uri).host || 'com.example.notes:')
      expect(page.headers.get('content-security-policy')).toContain("form-action 'self' ")
      expect(codeIn(await decide(agent, page, 'allow'))).toBeDefined()
      expect(isQuestion(await ask(client))).toBe(true)
    },
  )

  test('consent counts only for the request and the browser of the user who gave it (G11)', async () => {
    const client = await thirdParty()
    const [mine, other] = [await person(), issuer.browser()]
    const page = await mine.ask(client)
    const request = requestOn(page)
    await other.submit('/consent', { request, decision: 'allow' })
    expect(await issuer.stores.consents.find(user.id, client.id)).toBeUndefined()
    const another = await issuer.user()
    await other.submit('/login/password', { login: another.email, password: another.password })
    await mine.agent.submit('/consent', { request, decision: 'allow' })
    const resumed = await other.follow(await other.get(`/authorize?resume=${request}`))
    expect(codeIn(resumed)).toBeUndefined()
    await withdrawConsent(client)
  })

  test('a first-party client does not ask for consent (G11)', async () => {
    const { ask } = await person()
    expect(codeIn(await ask(await issuer.client()))).toBeDefined()
  })

  test('prompt=consent asks the user of a first-party client for the scopes, and stores the consent (G11)', async () => {
    const [client, { agent, ask }] = [await issuer.client(), await person()]
    const page = await ask(client, { prompt: 'consent', ui_locales: 'en' })
    expect(page.body).toContain('email address')
    expect(codeIn(await decide(agent, page, 'allow'))).toBeDefined()
    expect(await issuer.stores.consents.find(user.id, client.id)).toBeDefined()
  })

  test('the consent page asks for a sign-in if nobody is signed in on this browser (G11)', async () => {
    const request = requestOn(await (await person()).ask(await thirdParty()))
    const stranger = issuer.browser()
    const shown = await stranger.get(`/consent?request=${request}`)
    expect([shown.status, shown.location?.pathname]).toEqual([303, '/login'])
    const answered = await stranger.submit('/consent', { request, decision: 'allow' })
    expect([answered.status, answered.location?.pathname]).toEqual([303, '/login'])
  })

  test('of two answers at the same moment exactly one counts (G11)', async () => {
    const [client, { agent, ask }] = [await thirdParty(), await person()]
    const request = requestOn(await ask(client))
    const denials = [1, 2].map(() => agent.submit('/consent', { request, decision: 'deny' }))
    expect((await Promise.all(denials)).map(({ status }) => status).sort()).toEqual([303, 400])

    const page = await ask(client)
    const allowed = await agent.submit('/consent', { request: requestOn(page), decision: 'allow' })
    const path = `${allowed.location?.pathname}${allowed.location?.search}`
    const answers = await Promise.all([agent.get(path), agent.get(path)])
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400])
    await withdrawConsent(client)
  })

  test('without a scope parameter the user is asked for all scopes of the client except offline_access (A24)', async () => {
    const scopes = ['openid', 'email', 'offline_access', 'notes.read']
    const [client, { agent, ask }] = [await thirdParty({ scopes }), await person()]
    await decide(agent, await ask(client, { scope: undefined }), 'allow')
    const consent = await issuer.stores.consents.find(user.id, client.id)
    expect(consent?.scopes).toEqual(['openid', 'notes.read'])
  })

  test('the consent page without a request answers 400 (G11)', async () => {
    expect((await (await person()).agent.get('/consent')).status).toBe(400)
  })
})

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Page } from '../../harness/browser.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { requestOn } from '../support/upstream.ts'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await testIssuer()
})
afterAll(() => issuer.close())

const longState = randomBytes(1536).toString('base64url')

const parkedIn = (page: Page): string => page.location?.searchParams.get('request') ?? ''

const expectExpired = async (sealed: string) => {
  for (const path of [
    `/authorize?resume=${sealed}`,
    `/consent?request=${sealed}`,
    `/login?request=${sealed}`,
  ]) {
    const answer = await issuer.send(path)
    expect(answer.status, path).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
  }
}

describe('a parked request', () => {
  test('is in no store, and the browser cannot read it (H13)', async () => {
    const client = await issuer.client()
    const sealed = parkedIn(await issuer.authorize(client, { state: 'a-readable-state' }))
    expect(sealed).toMatch(/^v1\.[\w-]+$/)
    expect(Buffer.from(sealed.slice(3), 'base64url').toString('latin1')).not.toContain('readable')
  })

  test('with the longest state and nonce fits into the URL, and its code comes back with the state (H13)', async () => {
    const [client, user] = [await issuer.client({ firstParty: false }), await issuer.user()]
    const nonce = randomBytes(384).toString('base64url')
    expect([longState.length, nonce.length]).toEqual([2048, 512])
    const agent = issuer.browser()
    const first = await issuer.authorize(client, { state: longState, nonce }, agent)
    expect(first.location?.href.length).toBeLessThan(4000)
    const consent = await issuer.signInOn(agent, first, user)
    const request = requestOn(consent) ?? ''
    const done = await agent.follow(await agent.submit('/consent', { request, decision: 'allow' }))
    expect(done.location?.searchParams.get('state')).toBe(longState)
    expect(done.location?.searchParams.get('code')).toBeTruthy()
  })

  test('is answered once, even if two requests find it before it is answered (H13)', async () => {
    const stores = memoryStores()
    stores.usedOnce.isUsed = async () => false
    const own = await testIssuer({ stores })
    const [client, user, agent] = [await own.client(), await own.user(), own.browser()]
    const sealed = parkedIn(await own.authorize(client, {}, agent))
    await agent.submit('/login/password', { login: user.email, password: user.password, request: sealed })
    const statuses = async (path: string, fields?: Record<string, string>) => {
      const send = () => (fields ? agent.submit(path, fields) : agent.get(path))
      return [(await send()).status, (await send()).status]
    }
    expect(await statuses(`/authorize?resume=${sealed}`)).toEqual([303, 400])
    const thirdParty = await own.client({ firstParty: false })
    const page = await agent.follow(await own.authorize(thirdParty, {}, agent))
    const request = requestOn(page) ?? ''
    expect(await statuses('/consent', { request, decision: 'deny' })).toEqual([303, 400])
    await own.close()
  })

  test('ends after half an hour (H13)', async () => {
    const sealed = parkedIn(await issuer.authorize(await issuer.client()))
    issuer.clock.advance(1799)
    expect((await issuer.send(`/login?request=${sealed}`)).status).toBe(200)
    issuer.clock.advance(1)
    await expectExpired(sealed)
  })

  test('ends when an admin deletes its client, or removes its redirect URI (A2)', async () => {
    const [deleted, moved] = [await issuer.client(), await issuer.client()]
    const sealed = [parkedIn(await issuer.authorize(deleted)), parkedIn(await issuer.authorize(moved))]
    await issuer.app.operations['clients.delete']({ id: deleted.id })
    const redirectUris = ['https://elsewhere.example/callback']
    await issuer.app.operations['clients.update']({ id: moved.id, redirectUris })
    for (const one of sealed) await expectExpired(one)
  })

  test('is not resumed by a POST (H13)', async () => {
    const resume = parkedIn(await issuer.authorize(await issuer.client()))
    expect((await issuer.form('/authorize', { resume })).status).toBe(400)
  })

  test('that would not fit into a cookie gets invalid_request (H4, H13)', async () => {
    const scopes = Array.from({ length: 60 }, () => randomBytes(40).toString('hex'))
    const location = (await issuer.authorize(await issuer.client({ scopes }))).location
    expect(location?.searchParams.get('error')).toBe('invalid_request')
    expect(location?.searchParams.get('error_description')).toContain('too long')
  })

  test('is refused if it was changed, shortened or made by another installation (H13)', async () => {
    const client = await issuer.client()
    const sealed = parkedIn(await issuer.authorize(client))
    const other = await testIssuer()
    try {
      await expectExpired(parkedIn(await other.authorize(await other.client({ id: client.id }))))
    } finally {
      await other.close()
    }
    for (const forged of [
      `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`,
      sealed.slice(0, -4),
      sealed.replace('v1.', 'v2.'),
      'v1.AAAA',
      'x',
    ])
      await expectExpired(forged)
    expect((await issuer.send(`/login?request=${sealed}`)).status).toBe(200)
  })

  test('of before a rotation of the key-encryption key still works with the new key (D16)', async () => {
    const [before, after] = [randomBytes(32), randomBytes(32)]
    const old = await testIssuer({ keyEncryptionKeys: [before] })
    const client = await old.client()
    const sealed = parkedIn(await old.authorize(client))
    await old.close()
    const rotated = await testIssuer({ stores: old.stores, keyEncryptionKeys: [after, before] })
    try {
      expect((await rotated.send(`/login?request=${sealed}`)).status).toBe(200)
    } finally {
      await rotated.close()
    }
  })

  test('is answered once, also if the user consented on two pages (A4, G11)', async () => {
    const [client, user] = [await issuer.client({ firstParty: false }), await issuer.user()]
    const agent = issuer.browser()
    const consent = await issuer.signInOn(agent, await issuer.authorize(client, {}, agent), user)
    const request = requestOn(consent) ?? ''
    const allow = () => agent.submit('/consent', { request, decision: 'allow' })
    const [one, two] = [await allow(), await allow()]
    const code = (await agent.follow(one)).location?.searchParams.get('code')
    expect(code).toBeTruthy()
    expect((await agent.follow(two)).status).toBe(400)
    await expectExpired(request)
  })

  test('that one user confirmed gives another user no code (G11)', async () => {
    const client = await issuer.client({ firstParty: false })
    const [one, two] = [issuer.browser(), issuer.browser()]
    const consent = await issuer.signInOn(one, await issuer.authorize(client, {}, one), await issuer.user())
    const allowed = await one.submit('/consent', { request: requestOn(consent) ?? '', decision: 'allow' })
    await issuer.signInOn(two, await issuer.authorize(client, {}, two), await issuer.user())
    const { pathname, search } = allowed.location ?? new URL(issuer.url)
    const page = await two.get(`${pathname}${search}`)
    expect(page.location?.pathname).toBe('/consent')
  })

  test('is refused after its redirect URI was removed from the client (A1)', async () => {
    const kept = 'https://new.example/callback'
    const [client, user] = [await issuer.client(), await issuer.user()]
    const agent = issuer.browser()
    const first = await issuer.authorize(client, {}, agent)
    const login = await agent.follow(first)
    const fields = { login: user.email, password: user.password, request: requestOn(login) ?? '' }
    const signedIn = await agent.submit('/login/password', fields)
    await issuer.stores.clients.change(client.id, { redirectUris: [kept] })
    const page = await agent.follow(signedIn)
    expect(page.status).toBe(400)
    expect(page.location).toBeUndefined()
  })

  test('names each resource once, however often the client sends it (A22, H13)', async () => {
    const resource = 'https://api.example'
    const client = await issuer.client({ audiences: [resource] })
    const lengthWith = async (repeats: number) => {
      const url = new URL(issuer.authorizePath(client), issuer.url)
      for (const [name, value] of [
        ['code_challenge', 'a'.repeat(43)],
        ['code_challenge_method', 'S256'],
        ...Array.from({ length: repeats }, () => ['resource', resource]),
      ])
        url.searchParams.append(name ?? '', value ?? '')
      return parkedIn(await issuer.browser().get(`${url.pathname}${url.search}`)).length
    }
    expect(Math.abs((await lengthWith(40)) - (await lengthWith(1)))).toBeLessThan(8)
  })
})

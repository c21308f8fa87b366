import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testClock } from '../support/clock.ts'
import { type FaultyStores, faultyStores } from '../support/faulty-stores.ts'
import { headerOf, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

let faulty: FaultyStores
let issuer: TestIssuer
beforeAll(async () => {
  faulty = faultyStores(memoryStores())
  issuer = await testIssuer({ stores: faulty.stores })
})
afterAll(() => issuer.close())

const documents = [
  '/.well-known/jwks.json',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
]

const kidsOf = ({ json }: { json: Record<string, unknown> }) =>
  (json.keys as { kid: string }[]).map(({ kid }) => kid)

describe('JWKS and metadata documents', () => {
  test.each(documents)(
    '%s is JSON that any origin may read and that caches keep for five minutes (D12)',
    async (path) => {
      const { status, headers, json } = await issuer.send(path, {
        headers: { origin: 'https://any.example' },
      })
      expect(status).toBe(200)
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(headers.get('cache-control')).toBe('public, max-age=300')
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('set-cookie')).toBeNull()
      expect(Object.keys(json).length).toBeGreaterThan(0)
    },
  )

  test.each([...documents, '/healthz', '/readyz'])(
    'HEAD %s returns the headers of GET and no body (D12)',
    async (path) => {
      const [get, head] = [await issuer.send(path), await issuer.send(path, { method: 'HEAD' })]
      expect([head.status, head.body]).toEqual([200, ''])
      for (const name of ['content-type', 'content-length', 'cache-control', 'etag'])
        expect(head.headers.get(name), name).toBe(get.headers.get(name))
    },
  )

  test('the JWKS has a strong ETag and answers 304 to a client that sends it (D12)', async () => {
    const path = '/.well-known/jwks.json'
    const etag = (await issuer.send(path)).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[^"]+"$/)
    for (const known of [etag, `"other", ${etag}`, `W/${etag}`]) {
      const answer = await issuer.send(path, { headers: { 'if-none-match': known } })
      expect([answer.status, answer.body]).toEqual([304, ''])
      expect(answer.headers.get('etag')).toBe(etag)
      expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    }
    expect((await issuer.send(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })

  test('the ETag of the JWKS changes with the set of keys (D12)', async () => {
    const own = await testIssuer()
    const before = await own.send('/.well-known/jwks.json')
    await own.app.operations['keys.generate']()
    const after = await own.send('/.well-known/jwks.json')
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'))
    expect(kidsOf(after)).toHaveLength(2)
    await own.close()
  })

  test('the JWKS contains the kid of each token that is issued (D12)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { accessToken, idToken } = await issuer.tokens(client, user)
    const kids = kidsOf(await issuer.send('/.well-known/jwks.json'))
    expect(kids).toContain(headerOf(accessToken).kid)
    expect(kids).toContain(headerOf(idToken).kid)
  })

  test('each of 300 requests for the JWKS and the metadata gets 200 while every store is down (D13)', async () => {
    const before = await Promise.all(documents.map((path) => issuer.send(path)))
    faulty.failAll()
    try {
      const asked = Array.from({ length: 300 }, (_, at) => documents[at % documents.length] ?? '')
      const answers = await Promise.all(
        asked.map((path) => issuer.send(path, { headers: { 'user-agent': 'Python-urllib/3.13' } })),
      )
      answers.forEach((answer, at) => {
        expect(answer.status).toBe(200)
        expect(answer.body).toBe(before[at % documents.length]?.body)
      })
      expect(faulty.calls).toEqual([])
      const started = performance.now()
      for (const path of documents) await issuer.send(path)
      expect(performance.now() - started).toBeLessThan(500 * documents.length)
    } finally {
      faulty.repair()
    }
  })

  test('the JWKS keeps its keys when reloading them fails (D13)', async () => {
    const before = await issuer.send('/.well-known/jwks.json')
    faulty.failAll()
    await expect(issuer.app.keyRing.load()).rejects.toThrow(/unavailable/)
    faulty.repair()
    expect((await issuer.send('/.well-known/jwks.json')).body).toBe(before.body)
  })

  test('signing a token does not read the key store (D13)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { refreshToken } = await issuer.tokens(client, user)
    faulty.repair()
    expect((await issuer.refresh(client, refreshToken)).status).toBe(200)
    expect(faulty.calls.filter((call) => call.startsWith('signingKeys.'))).toEqual([])
  })
})

describe('three instances on the same stores', () => {
  test('three instances switch keys at the stored time, and each signs only with a key it publishes (D10)', async () => {
    const shared = {
      stores: memoryStores(),
      clock: testClock(),
      keyEncryptionKeys: [randomBytes(32)],
    }
    const first = await testIssuer(shared)
    const instances = [first, await testIssuer(shared), await testIssuer(shared)]
    const [client, user] = [await first.client(), await first.user()]
    let refreshToken = (await first.tokens(client, user)).refreshToken

    const signingKids = async () => {
      const kids: unknown[] = []
      for (const instance of instances) {
        const { status, json, body } = await instance.refresh(client, refreshToken)
        expect(status, body).toBe(200)
        refreshToken = String(json.refresh_token)
        const { kid } = headerOf(String(json.access_token))
        expect(kidsOf(await instance.send('/.well-known/jwks.json'))).toContain(kid)
        kids.push(kid)
      }
      return [...new Set(kids)]
    }

    const before = await signingKids()
    expect(before).toHaveLength(1)
    const rotation = await first.app.operations['keys.rotate']()
    const next = (rotation as { kid: string }).kid
    // Each instance reloads the keys at its own time, the last one an hour after the rotation.
    for (const instance of instances) {
      shared.clock.advance(1200)
      await instance.app.keyRing.load()
      expect(await signingKids()).toEqual(before)
    }
    for (const instance of instances)
      expect(kidsOf(await instance.send('/.well-known/jwks.json'))).toContain(next)
    shared.clock.advance(86_400)
    expect(await signingKids()).toEqual([next])
    for (const instance of instances) await instance.close()
  })
})

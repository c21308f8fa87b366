import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { heardWithinSeconds } from '../../src/changes.ts'
import type { Revocation } from '../../src/revocation/blacklist.ts'
import { type FeedLists, publishedName } from '../../src/revocation/feed-entries.ts'
import { randomToken } from '../../src/secrets.ts'
import { testClock } from '../support/clock.ts'
import { type FaultyStores, faultyStores } from '../support/faulty-stores.ts'
import { type Answer, claimsOf, headerOf, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

const path = '/.well-known/revocations'

let faulty: FaultyStores
let issuer: TestIssuer
beforeAll(async () => {
  faulty = faultyStores(memoryStores())
  issuer = await testIssuer({ stores: faulty.stores })
})
afterAll(() => issuer.close())

interface Feed {
  iss: string
  iat: number
  exp: number
  ttl: number
  as_of: number
  cursor: string
  full: boolean
  revoked: FeedLists
}

/** Verifies the signature with the published keys, as a service does, and returns the claims. */
const read = async (answer: Answer, from: TestIssuer = issuer): Promise<Feed> => {
  expect(answer.status).toBe(200)
  const keys = (await from.send('/.well-known/jwks.json')).json
  const { payload } = await jwtVerify(answer.body, createLocalJWKSet(keys as never), {
    issuer: from.config.issuer,
    typ: 'revocations+jwt',
    algorithms: ['RS256'],
    requiredClaims: ['iat', 'exp'],
    currentDate: from.clock.now(),
  })
  return payload as unknown as Feed
}

/** Fetches the feed a second later, when the issuer reads the blacklist again. */
const feed = async (from: TestIssuer = issuer, since?: string): Promise<Feed> => {
  from.clock.advance(1)
  return read(await from.send(since === undefined ? path : `${path}?since=${since}`), from)
}

const count = ({ revoked }: Feed) =>
  Object.values(revoked).reduce((sum, list) => sum + Object.keys(list).length, 0)

const revocation = (facts: Partial<Revocation> = {}): Revocation => {
  const now = issuer.clock.now()
  return {
    kind: 'jti',
    value: randomToken(16),
    revokedAt: now,
    expiresAt: new Date(now.getTime() + 660_000),
    ...facts,
  }
}

/** Adds an entry to the blacklist and returns its name in the feed. */
const revoked = async (facts: Partial<Revocation> = {}): Promise<string> => {
  const entry = revocation(facts)
  await issuer.stores.blacklist.add(entry)
  return publishedName(entry.kind, entry.value)
}

const signedIn = async () => {
  const [client, user] = [await issuer.client(), await issuer.user()]
  const tokens = await issuer.tokens(client, user)
  const { jti, sid, iat, exp } = claimsOf(tokens.accessToken)
  return { client, user, ...tokens, jti: String(jti), sid: String(sid), iat: Number(iat), exp: Number(exp) }
}

describe('the content of the feed', () => {
  test('the feed is a signed JWT that has its own type and states its age and lifetime (E8)', async () => {
    const before = issuer.clock.now().getTime() / 1000
    const { iss, iat, exp, ttl, as_of, cursor, full } = await feed()
    expect(iss).toBe(issuer.config.issuer)
    expect([exp - iat, ttl, full]).toEqual([300, 5, true])
    expect(as_of).toBe(Math.floor(before + 1))
    expect(iat).toBe(as_of)
    expect(cursor).toMatch(/^[\w.-]+$/)
    const answer = await issuer.send(path)
    expect(decodeProtectedHeader(answer.body)).toEqual({
      alg: 'RS256',
      typ: 'revocations+jwt',
      kid: expect.any(String),
    })
    expect(answer.headers.get('content-type')).toBe('application/revocations+jwt')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=1')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('the feed lists tokens, families, users, clients and keys, and hashes every name except a kid (E8)', async () => {
    const one = await signedIn()
    await issuer.form('/revoke', {
      token: one.accessToken,
      client_id: one.client.id,
      client_secret: one.client.secret ?? '',
    })
    const two = await signedIn()
    await issuer.app.operations['sessions.revoke']({ id: two.sid })
    const three = await signedIn()
    const disabledAt = Math.floor(issuer.clock.now().getTime() / 1000)
    await issuer.app.operations['users.disable']({ user: three.user.id })
    const four = await signedIn()
    await issuer.app.operations['clients.delete']({ id: four.client.id })
    const { kid } = headerOf(four.accessToken)
    await issuer.app.operations['keys.revoke']({ kid: String(kid) })

    const { revoked } = await feed()
    expect(revoked.jti[publishedName('jti', one.jti)]).toEqual({ exp: one.exp + 60 })
    expect(revoked.sid[publishedName('sid', two.sid)]).toEqual({ exp: expect.any(Number) })
    expect(revoked.sub[publishedName('sub', three.user.id)]).toEqual({
      exp: expect.any(Number),
      cutoff: disabledAt,
    })
    expect(revoked.client_id[publishedName('client_id', four.client.id)]?.cutoff).toBe(
      // Servers that have not heard of the deletion yet may still issue tokens.
      disabledAt + heardWithinSeconds,
    )
    // Two hours: longer than a verifier trusts keys that it cannot confirm.
    const seconds = Math.floor(issuer.clock.now().getTime() / 1000)
    expect(revoked.kid[String(kid)]?.exp).toBeGreaterThanOrEqual(seconds + 7200)

    const text = JSON.stringify(claimsOf((await issuer.send(path)).body))
    for (const name of [one.jti, two.sid, three.user.id, four.client.id]) expect(text).not.toContain(name)
  })

  test('a revoked key does not sign the feed that lists it (E8)', async () => {
    const { body } = await issuer.send(path)
    const { kid } = decodeProtectedHeader(body)
    await issuer.app.operations['keys.revoke']({ kid: String(kid) })
    const next = await issuer.send(path)
    expect(decodeProtectedHeader(next.body).kid).not.toBe(kid)
    expect((await feed()).revoked.kid).toHaveProperty(String(kid))
  })

  test('rejects the feed as an access token (B4)', async () => {
    const { body } = await issuer.send(path)
    for (const path of ['/userinfo', '/api/users/me'])
      expect((await issuer.bearer(path, body)).status).toBe(401)
  })

  test('an entry leaves the feed once every token that it revokes has expired (E8)', async () => {
    const name = await revoked()
    expect((await feed()).revoked.jti).toHaveProperty([name])
    issuer.clock.advance(657)
    expect((await feed()).revoked.jti).toHaveProperty([name])
    issuer.clock.advance(15)
    expect((await feed()).revoked.jti).not.toHaveProperty([name])
  })
})

describe('fetching the feed again', () => {
  test('answers 304 to the current ETag while nothing is new, with and without a cursor (E8)', async () => {
    await revoked()
    const { cursor } = await feed()
    const etag = (await issuer.send(path)).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[^"]+"$/)
    issuer.clock.advance(5)
    for (const address of [path, `${path}?since=${cursor}`]) {
      const answer = await issuer.send(address, { headers: { 'if-none-match': etag } })
      expect([answer.status, answer.body]).toEqual([304, ''])
      expect(answer.headers.get('etag')).toBe(etag)
    }
    await revoked()
    issuer.clock.advance(1)
    const answer = await issuer.send(path, { headers: { 'if-none-match': etag } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('etag')).not.toBe(etag)
  })

  test('an unchanged feed is signed again after 15 seconds, so that its age stays true (E8)', async () => {
    await revoked()
    const first = await feed()
    issuer.clock.advance(10)
    expect((await feed()).as_of).toBe(first.as_of)
    issuer.clock.advance(3)
    expect((await feed()).as_of).toBe(first.as_of + 15)
  })

  test('a request with a cursor gets only the recent entries (E8)', async () => {
    const old = await revoked()
    await feed()
    issuer.clock.advance(100)
    const { cursor } = await feed()
    issuer.clock.advance(100)
    const fresh = await revoked()
    const delta = await feed(issuer, cursor)
    expect(delta.full).toBe(false)
    expect(Object.keys(delta.revoked.jti)).toEqual([fresh])
    expect(Object.keys((await feed()).revoked.jti)).toEqual(expect.arrayContaining([old, fresh]))
    expect(Object.keys((await feed(issuer, delta.cursor)).revoked.jti)).toEqual([fresh])
    issuer.clock.advance(100)
    expect(count(await feed(issuer, (await feed()).cursor))).toBe(0)
  })

  test('requests with all possible cursors make the issuer sign at most four documents (H13)', async () => {
    await revoked()
    const now = Number((await feed()).cursor)
    const bodies = new Set<string>()
    for (let age = -70; age < 700; age += 1)
      bodies.add((await issuer.send(`${path}?since=${now - age}`)).body)
    expect(bodies.size).toBe(4)
  })

  test('an entry whose cutoff moves is in the answer to an older cursor again (E8)', async () => {
    const value = randomToken(16)
    const first = issuer.clock.now()
    await revoked({ kind: 'sub', value, cutoff: first })
    issuer.clock.advance(120)
    const { cursor } = await feed()
    issuer.clock.advance(120)
    const name = await revoked({ kind: 'sub', value, cutoff: issuer.clock.now() })
    const { revoked: delta } = await feed(issuer, cursor)
    expect(delta.sub[name]?.cutoff).toBe(Math.floor(first.getTime() / 1000) + 241)
  })

  test.each(['', 'yesterday', '-1', '99999999999', '0', '1e9', '%F0%9F%A6%81'])(
    'a request with the invalid cursor "%s" gets the whole feed (E8)',
    async (cursor) => {
      await revoked()
      const whole = await feed()
      const answer = await read(await issuer.send(`${path}?since=${cursor}`))
      expect(answer.full).toBe(true)
      expect(answer.revoked).toEqual(whole.revoked)
    },
  )

  test('answers 400 to a malformed query and 405 to POST', async () => {
    expect((await issuer.send(`${path}?since=%FF`)).status).toBe(400)
    expect((await issuer.send(path, { method: 'POST' })).status).toBe(405)
  })

  test('deltas that are applied in order, each of them twice, add up to the whole feed (E8)', async () => {
    let { cursor, revoked: known } = await feed()
    const apply = (delta: FeedLists) => {
      known = structuredClone(known)
      for (const [kind, list] of Object.entries(delta)) Object.assign(known[kind as 'jti'], list)
    }
    for (let round = 0; round < 12; round += 1) {
      for (let each = 0; each < round % 3; each += 1)
        await revoked({
          kind: each === 0 ? 'sid' : 'jti',
          expiresAt: new Date(issuer.clock.now().getTime() + 3.6e6),
        })
      issuer.clock.advance(round * 7)
      const delta = await feed(issuer, cursor)
      apply(delta.revoked)
      apply(delta.revoked)
      cursor = delta.cursor
    }
    expect(known).toMatchObject((await feed()).revoked)
  })
})

describe('several instances', () => {
  const pair = async ({ behindSeconds = 0 } = {}) => {
    const stores = memoryStores()
    const keyEncryptionKeys = [randomBytes(32)]
    const clock = testClock()
    const env = { ISSUER: 'http://127.0.0.1:4000' }
    const one = await testIssuer({ stores, keyEncryptionKeys, clock, env })
    const slow = { ...clock, now: () => new Date(clock.now().getTime() - behindSeconds * 1000) }
    const other = await testIssuer({ stores, keyEncryptionKeys, clock: slow, env })
    return { one, other, close: () => Promise.all([one.close(), other.close()]) }
  }

  test('a revocation is in the feed of another instance a second later, even if the first instance’s clock is slow (E7, E8)', async () => {
    for (const behindSeconds of [0, 50, 3000]) {
      const { one, other, close } = await pair({ behindSeconds })
      const { cursor } = await feed(one)
      await feed(other)
      one.clock.advance(behindSeconds > 60 ? 60 : 5)
      const user = await other.user()
      await other.app.operations['sessions.revoke']({ user: user.id })
      const name = publishedName('sub', user.id)
      expect((await feed(one, cursor)).revoked.sub, `${behindSeconds} s`).toHaveProperty([name])
      await close()
    }
  })

  test('a cursor works at every instance, and an ETag only at the instance that made it (E8)', async () => {
    const { one, other, close } = await pair()
    const user = await one.user()
    await feed(other)
    const { cursor } = await feed(one)
    const etag = (await one.send(path)).headers.get('etag') ?? ''
    await one.app.operations['sessions.revoke']({ user: user.id })
    const answer = await feed(other, cursor)
    expect(answer.revoked.sub).toHaveProperty([publishedName('sub', user.id)])
    expect((await other.send(path, { headers: { 'if-none-match': etag } })).status).toBe(200)
    await close()
  })

  test('an ETag from before a restart does not hide a revocation after it (E8)', async () => {
    const { one, other, close } = await pair()
    const user = await one.user()
    const etag = (await one.send(path)).headers.get('etag') ?? ''
    await one.app.operations['sessions.revoke']({ user: user.id })
    // `other` has not served the feed yet, like a process that has just started.
    const answer = await other.send(path, { headers: { 'if-none-match': etag } })
    expect(answer.status).toBe(200)
    expect((await read(answer, other)).revoked.sub).toHaveProperty([publishedName('sub', user.id)])
    await close()
  })

  test('the feed is complete after a restart, with and without an older cursor (E8)', async () => {
    const { one, other, close } = await pair()
    const user = await one.user()
    const { cursor } = await feed(one)
    await one.app.operations['sessions.revoke']({ user: user.id })
    const before = (await feed(one)).revoked
    one.clock.advance(120)
    // `other` has not read the blacklist yet, like a process that has just started.
    expect((await feed(other, cursor)).revoked).toEqual(before)
    expect((await feed(other)).revoked).toEqual(before)
    await close()
  })
})

describe('while the stores are down', () => {
  test('serves the feed from memory without a delay, with its true age, while the stores are down (D13)', async () => {
    const name = await revoked()
    const before = await feed()
    faulty.failAll()
    try {
      issuer.clock.advance(200)
      const start = performance.now()
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, at) => issuer.send(at % 2 ? path : `${path}?since=${before.cursor}`)),
      )
      expect(performance.now() - start).toBeLessThan(2000)
      for (const answer of answers) {
        const { as_of, revoked } = await read(answer)
        expect(as_of).toBe(before.as_of)
        expect(revoked.jti).toHaveProperty([name])
      }
      // The JWT is still valid, so that a service that has just started accepts it and judges the age.
      issuer.clock.advance(200)
      const late = await read(await issuer.send(path))
      expect(late.as_of).toBe(before.as_of)
      expect(late.exp).toBeGreaterThan(issuer.clock.now().getTime() / 1000)
      expect(issuer.app.revocationFeed.ageSeconds()).toBeGreaterThan(399)
    } finally {
      faulty.repair()
    }
    expect((await feed()).as_of).toBeGreaterThan(before.as_of + 399)
  })

  test('a store that never answers does not delay the feed (D13)', async () => {
    const stores = memoryStores()
    const working = stores.blacklist.list
    const own = await testIssuer({ stores })
    const before = await feed(own)
    stores.blacklist.list = () => new Promise(() => {})
    own.clock.advance(20)
    for (let asked = 0; asked < 3; asked += 1) {
      const start = performance.now()
      expect((await read(await own.send(path), own)).as_of).toBe(before.as_of)
      expect(performance.now() - start).toBeLessThan(500)
    }
    stores.blacklist.list = working
    await own.close()
  })

  test('an issuer that has never read its stores answers 503 instead of an empty feed (D13)', async () => {
    const stores = faultyStores(memoryStores())
    const own = await testIssuer({ stores: stores.stores })
    stores.failAll()
    const answer = await own.send(path)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
    stores.repair()
    expect(count(await feed(own))).toBe(0)
    await own.close()
  })
})

test('the example hashes in docs/revocation-feed.md equal those of the feed (E8)', () => {
  const page = readFileSync(new URL('../../docs/revocation-feed.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(jti|sub|kid)` \| `([^`]+)` \| `([^`]+)` \|$/gm)]
  expect(rows).toHaveLength(3)
  for (const [, kind, value = '', name] of rows) expect(publishedName(kind as 'jti', value)).toBe(name)
})

// @dojang/verifier beside a real issuer, on the test's clock: what it feels, how soon, and what it does without the issuer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createVerifier,
  TokenError,
  type Verifier,
  type VerifierOptions,
} from '../../verifiers/node/src/verifier.js'
import { type FaultyStores, faultyStores } from '../support/faulty-stores.ts'
import { claimsOf, headerOf, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { type TestTimers, testTimers } from '../support/timers.ts'

let faulty: FaultyStores
let issuer: TestIssuer
let timers: TestTimers
beforeAll(async () => {
  faulty = faultyStores(memoryStores())
  issuer = await testIssuer({ stores: faulty.stores })
  timers = testTimers(issuer.clock)
})
afterAll(() => issuer.close())

interface Service {
  verifier: Verifier
  /** Addresses asked for, in order. */
  asked: { path: string; headers: Headers }[]
  errors: string[]
  /** Instead of the issuer's own answers, while set. */
  answer: { with?: (url: URL) => Response | Promise<Response> | undefined }
  verdict(token: string): Promise<string>
}

const service = async (options: Partial<VerifierOptions> = {}): Promise<Service> => {
  const asked: Service['asked'] = []
  const errors: string[] = []
  const answer: Service['answer'] = {}
  const verifier = createVerifier({
    issuer: issuer.config.issuer,
    audience: issuer.config.defaultAudience,
    now: () => issuer.clock.now(),
    timers,
    onError: (error) => void errors.push(error.message),
    fetch: async (url, init) => {
      const address = new URL(url)
      asked.push({ path: address.pathname, headers: new Headers(init.headers) })
      return (await answer.with?.(address)) ?? fetch(url, init)
    },
    ...options,
  })
  await verifier.start()
  const verdict = async (token: string) => {
    try {
      await verifier.verify(token)
      return 'ok'
    } catch (error) {
      if (error instanceof TokenError) return error.verdict
      throw error
    }
  }
  return { verifier, asked, errors, answer, verdict }
}

const isDown = () => {
  throw new TypeError('connection refused')
}

const signedIn = async () => {
  const [client, user] = [await issuer.client(), await issuer.user()]
  return { client, user, ...(await issuer.tokens(client, user)) }
}

/** In which second after `end` the token is refused first. */
const felt = async (one: Service, token: string, end: () => Promise<unknown>): Promise<number> => {
  expect(await one.verdict(token)).toBe('ok')
  await end()
  for (let second = 0; second <= 60; second += 1) {
    if ((await one.verdict(token)) !== 'ok') return second
    await timers.advance(1)
  }
  return Number.POSITIVE_INFINITY
}

describe('without a call per request, a service feels', () => {
  const ends: Record<string, (one: Awaited<ReturnType<typeof signedIn>>) => Promise<unknown>> = {
    'a logout': (one) =>
      issuer.form('/revoke', {
        token: one.refreshToken,
        client_id: one.client.id,
        client_secret: one.client.secret ?? '',
      }),
    'a token revoked alone': (one) =>
      issuer.form('/revoke', {
        token: one.accessToken,
        client_id: one.client.id,
        client_secret: one.client.secret ?? '',
      }),
    'signing out everywhere': (one) => issuer.app.operations['sessions.revoke']({ user: one.user.id }),
    'a user disabled': (one) => issuer.app.operations['users.disable']({ user: one.user.id }),
    'a client deleted': (one) => issuer.app.operations['clients.delete']({ id: one.client.id }),
    'a key killed': (one) => issuer.app.operations['keys.revoke']({ kid: headerOf(one.accessToken).kid }),
  }

  test.each(Object.keys(ends))('%s, within the 5 seconds that it asked for (E7)', async (name) => {
    const one = await service()
    const seconds: number[] = []
    // At every point between two polls.
    for (const offset of [0, 0.5, 1, 1.5, 2, 2.5, 2.999]) {
      const person = await signedIn()
      const bystander = await signedIn()
      await timers.advance(offset)
      seconds.push(await felt(one, person.accessToken, async () => ends[name]?.(person)))
      if (name !== 'a key killed') expect(await one.verdict(bystander.accessToken)).toBe('ok')
      expect(await one.verdict((await signedIn()).accessToken)).toBe('ok')
    }
    console.log(`${name}: refused after ${Math.max(...seconds)} s at most`)
    expect(Math.max(...seconds)).toBeLessThanOrEqual(5)
    one.verifier.stop()
  })

  test('what was asked for holds for other intervals too (E7)', async () => {
    for (const pollSeconds of [3, 30]) {
      const one = await service({ pollSeconds })
      const person = await signedIn()
      const end = () => issuer.app.operations['users.disable']({ user: person.user.id }) ?? Promise.resolve()
      expect(await felt(one, person.accessToken, end)).toBeLessThanOrEqual(pollSeconds)
      one.verifier.stop()
    }
  })

  test('who signs in again is let in, in the next second (E3, E7)', async () => {
    const one = await service()
    const { client, user, accessToken } = await signedIn()
    await issuer.app.operations['sessions.revoke']({ user: user.id })
    await timers.advance(5)
    expect(await one.verdict(accessToken)).toBe('revoked')
    expect(await one.verdict((await issuer.tokens(client, user)).accessToken)).toBe('ok')
    one.verifier.stop()
  })

  test('requests ask the issuer for nothing', async () => {
    const one = await service()
    const { accessToken } = await signedIn()
    const before = one.asked.length
    for (let request = 0; request < 200; request += 1) expect(await one.verdict(accessToken)).toBe('ok')
    expect(one.asked.length).toBe(before)
    one.verifier.stop()
  })

  test('polls are deltas, and 304 while nothing is new (E8)', async () => {
    const one = await service()
    const answers: { since: string | null; status: number }[] = []
    one.answer.with = async (url) => {
      const { headers } = one.asked.at(-1) ?? {}
      const answer = await fetch(url, { headers: headers ?? {} })
      answers.push({ since: url.searchParams.get('since'), status: answer.status })
      return answer
    }
    await timers.advance(60)
    expect(answers).toHaveLength(20)
    expect(answers.every(({ since }) => since !== null)).toBe(true)
    expect(answers.filter(({ status }) => status === 304).length).toBeGreaterThan(12)
    one.verifier.stop()
  })
})

describe('the issuer is away', () => {
  test('services go on, and past the maximum staleness do what they were told (E7)', async () => {
    const [refusing, accepting, patient] = [
      await service(),
      await service({ whenStale: 'accept' }),
      await service({ maxStalenessSeconds: 400 }),
    ]
    const services = [refusing, accepting, patient]
    const { accessToken, user } = await signedIn()
    const gone = await signedIn()
    await issuer.app.operations['users.disable']({ user: gone.user.id })
    await timers.advance(20)
    for (const one of services) one.answer.with = isDown
    await timers.advance(280)
    for (const one of services) expect(await one.verdict(accessToken)).toBe('ok')
    await timers.advance(21)
    expect(await refusing.verdict(accessToken)).toBe('stale')
    expect(await accepting.verdict(accessToken)).toBe('ok')
    expect(await patient.verdict(accessToken)).toBe('ok')
    expect([accepting.verifier.staleAccepted, refusing.verifier.staleAccepted]).toEqual([1, 0])
    // What was known stays known.
    for (const one of services) expect(await one.verdict(gone.accessToken)).toBe('revoked')
    expect(refusing.verifier.status()[0]?.feedAgeSeconds).toBeGreaterThan(300)
    expect(refusing.errors.at(-1)).toContain('/.well-known/')

    for (const one of services) one.answer.with = () => undefined
    await timers.advance(5)
    for (const one of services) expect(await one.verdict(accessToken)).toBe('ok')
    expect(user.id).not.toBe(gone.user.id)
    for (const one of services) one.verifier.stop()
  })

  test('a feed whose store is down is as old as it says (E7)', async () => {
    const one = await service()
    const { accessToken } = await signedIn()
    await timers.advance(5)
    faulty.failAll()
    try {
      await timers.advance(280)
      expect(await one.verdict(accessToken)).toBe('ok')
      await timers.advance(40)
      expect(await one.verdict(accessToken)).toBe('stale')
      const late = await service({ whenStale: 'accept' })
      expect(await late.verdict(accessToken)).toBe('ok')
      late.verifier.stop()
    } finally {
      faulty.mend()
    }
    await timers.advance(5)
    expect(await one.verdict(accessToken)).toBe('ok')
    one.verifier.stop()
  })

  test('a service that starts before the issuer answers 503, and is well once the issuer is there', async () => {
    const { accessToken } = await signedIn()
    const early = await service({ fetch: async () => isDown() })
    expect(await early.verdict(accessToken)).toBe('unavailable')
    early.verifier.stop()
    const one = await service()
    one.verifier.stop()
    let isUp = false
    const healing = await service({
      fetch: (url, init) => (isUp ? fetch(url, init) : Promise.reject(new TypeError('refused'))),
    })
    expect(await healing.verdict(accessToken)).toBe('unavailable')
    isUp = true
    await timers.advance(5)
    expect(await healing.verdict(accessToken)).toBe('ok')
    healing.verifier.stop()
  })

  test('the first request starts the verifier, however many come at once', async () => {
    const { accessToken } = await signedIn()
    const asked: string[] = []
    const verifier = createVerifier({
      issuer: issuer.config.issuer,
      audience: issuer.config.defaultAudience,
      ...{ now: () => issuer.clock.now(), timers },
      fetch: (url, init) => {
        asked.push(new URL(url).pathname)
        return fetch(url, init)
      },
    })
    await Promise.all(Array.from({ length: 50 }, () => verifier.verify(accessToken)))
    expect(asked).toEqual([
      '/.well-known/openid-configuration',
      '/.well-known/jwks.json',
      '/.well-known/revocations',
    ])
    verifier.stop()
  })

  test('what is no text is no token', async () => {
    const one = await service()
    for (const token of ['', undefined, null, 7, {}])
      expect(await one.verdict(token as unknown as string)).toBe('missing')
    one.verifier.stop()
  })

  test('stop ends the polling and nothing else', async () => {
    const before = timers.waiting()
    const one = await service()
    const { accessToken } = await signedIn()
    expect(timers.waiting()).toBe(before + 2)
    one.verifier.stop()
    expect(timers.waiting()).toBe(before)
    expect(await one.verdict(accessToken)).toBe('ok')
  })
})

describe('keys', () => {
  test('ten rotations in a row break no verifier, one that polls and one that has just started (D7, D10)', async () => {
    const one = await service({ revocations: false })
    const previous: string[] = []
    const kids: unknown[] = []
    const client = await issuer.client()
    const user = await issuer.user()
    for (let rotation = 0; rotation < 10; rotation += 1) {
      await issuer.app.operations['keys.rotate']({ inSeconds: 3900 })
      for (const pause of [299, 3600.5, 0.5, 300, 500]) {
        await timers.advance(pause)
        const { accessToken } = await issuer.tokens(client, user)
        expect(await one.verdict(accessToken)).toBe('ok')
        // Whoever knows the keys of this moment only, and has none of those that went.
        const fresh = await service({ revocations: false })
        expect(await fresh.verdict(accessToken)).toBe('ok')
        fresh.verifier.stop()
        for (const older of previous)
          if (Number(claimsOf(older).exp) * 1000 > issuer.clock.now().getTime())
            expect(await one.verdict(older)).toBe('ok')
        kids.push(headerOf(accessToken).kid)
        previous.splice(0, previous.length, ...previous.slice(-3), accessToken)
      }
    }
    expect(new Set(kids).size).toBe(11)
    one.verifier.stop()
  })

  test('after an emergency the successor’s tokens count at once (D11)', async () => {
    const one = await service()
    const { client, user, accessToken } = await signedIn()
    await issuer.app.operations['keys.revoke']({ kid: headerOf(accessToken).kid })
    const next = await issuer.tokens(client, user)
    expect(headerOf(next.accessToken).kid).not.toBe(headerOf(accessToken).kid)
    expect(await one.verdict(next.accessToken)).toBe('ok')
    await timers.advance(5)
    expect(await one.verdict(accessToken)).not.toBe('ok')
    one.verifier.stop()
  })

  test('strangers with unknown keys make it ask once in 30 seconds', async () => {
    const one = await service()
    const { accessToken } = await signedIn()
    const [header, ...rest] = [headerOf(accessToken), ...accessToken.split('.').slice(1)]
    const foreign = (kid: string) =>
      [Buffer.from(JSON.stringify({ ...header, kid })).toString('base64url'), ...rest].join('.')
    const keyFetches = () => one.asked.filter(({ path }) => path === '/.well-known/jwks.json').length
    const before = keyFetches()
    const verdicts = await Promise.all(Array.from({ length: 50 }, (_, at) => one.verdict(foreign(`k${at}`))))
    expect(new Set(verdicts)).toEqual(new Set(['unknown_key']))
    expect(keyFetches()).toBe(before + 1)
    await timers.advance(29)
    expect(await one.verdict(foreign('k'))).toBe('unknown_key')
    expect(keyFetches()).toBe(before + 1)
    await timers.advance(1)
    expect(await one.verdict(foreign('k'))).toBe('unknown_key')
    expect(keyFetches()).toBe(before + 2)
    one.verifier.stop()
  })

  const bad: Record<string, () => Response | Promise<Response>> = {
    'a 500': () => new Response('broken', { status: 500 }),
    'a page': () => new Response('<html>', { status: 200 }),
    'no key set': () => Response.json({ keys: 'none' }),
    'a redirect': () =>
      new Response(null, { status: 302, headers: { location: 'https://evil.example/keys' } }),
    'two megabytes': () => new Response('x'.repeat(2_000_000), { status: 200 }),
    'a lost connection': isDown,
  }
  test.each(Object.keys(bad))('a fetch that brings %s leaves the keys as they were', async (name) => {
    const one = await service()
    const { accessToken } = await signedIn()
    one.answer.with = (url) => (url.pathname.endsWith('/jwks.json') ? bad[name]?.() : undefined)
    await timers.advance(301)
    expect(one.errors).toHaveLength(1)
    expect(await one.verdict(accessToken)).toBe('ok')
    delete one.answer.with
    const before = one.asked.length
    await timers.advance(30)
    expect(one.asked.slice(before).map(({ path }) => path)).toContain('/.well-known/jwks.json')
    expect(await one.verdict(accessToken)).toBe('ok')
    one.verifier.stop()
  })

  test('it says its name when it fetches keys, and asks for changes only', async () => {
    const one = await service({ name: 'notes-api' })
    await timers.advance(601)
    const fetches = one.asked.filter(({ path }) => path === '/.well-known/jwks.json')
    expect(fetches).toHaveLength(3)
    for (const { headers } of fetches) expect(headers.get('dojang-verifier')).toBe('notes-api')
    expect(fetches.map(({ headers }) => headers.has('if-none-match'))).toEqual([false, true, true])
    one.verifier.stop()
  })
})

describe('options that make no sense are refused when the verifier is made', () => {
  const issuerUrl = 'https://id.example'
  const audience = 'https://api.example'
  const secret = { secret: 'x'.repeat(32), until: new Date('2027-01-01') }
  const table: Record<string, object> = {
    'no issuer': { audience },
    'an empty list of issuers': { audience, issuer: [] },
    'http over the network': { audience, issuer: 'http://id.example' },
    'keys over http': { audience, issuer: { issuer: issuerUrl, jwksUri: 'http://id.example/keys' } },
    'the same issuer twice': { audience, issuer: [issuerUrl, issuerUrl] },
    'no audience': { issuer: issuerUrl },
    'a short secret': { audience, issuer: { ...secret, secret: 'short' } },
    'a secret for ever': { audience, issuer: { secret: secret.secret } },
    'a secret until never': { audience, issuer: { ...secret, until: new Date('never') } },
    'no types': { audience, issuer: { issuer: issuerUrl, types: [] } },
    'too much leeway': { audience, issuer: issuerUrl, leewaySeconds: 61 },
    'leeway that is no number': { audience, issuer: issuerUrl, leewaySeconds: Number.NaN },
    'polling all the time': { audience, issuer: issuerUrl, pollSeconds: 1 },
    'a feed that is always stale': { audience, issuer: issuerUrl, maxStalenessSeconds: 5 },
    'another word for stale': { audience, issuer: issuerUrl, whenStale: 'ignore' },
    'a name with a space': { audience, issuer: issuerUrl, name: 'notes api' },
  }
  test.each(Object.keys(table))('%s', (name) => {
    expect(() => createVerifier(table[name] as VerifierOptions)).toThrow(TypeError)
  })

  test('and those that do are taken', () => {
    for (const issuer of [issuerUrl, [issuerUrl], 'http://localhost:4000', [issuerUrl, secret]])
      expect(() => createVerifier({ audience, issuer })).not.toThrow()
  })
})

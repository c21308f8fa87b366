// Runs @dojang/verifier with a real issuer on a test clock: revocations, outages, key rotation, options.
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
  /** The requests that the verifier sent, in order. */
  requests: { path: string; headers: Headers }[]
  errors: string[]
  /** While `with` is set, it replaces the issuer's answers. Undefined falls back to the issuer. */
  answer: { with?: (url: URL) => Response | Promise<Response> | undefined }
  verdict(token: string): Promise<string>
}

const service = async (options: Partial<VerifierOptions> = {}): Promise<Service> => {
  const requests: Service['requests'] = []
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
      requests.push({ path: address.pathname, headers: new Headers(init.headers) })
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
  return { verifier, requests, errors, answer, verdict }
}

const isDown = () => {
  throw new TypeError('connection refused')
}

const signedIn = async () => {
  const [client, user] = [await issuer.client(), await issuer.user()]
  return { client, user, ...(await issuer.tokens(client, user)) }
}

/** How many seconds after `end` the token is rejected for the first time. */
const secondsUntilRejected = async (
  one: Service,
  token: string,
  end: () => Promise<unknown>,
): Promise<number> => {
  expect(await one.verdict(token)).toBe('ok')
  await end()
  for (let second = 0; second <= 60; second += 1) {
    if ((await one.verdict(token)) !== 'ok') return second
    await timers.advance(1)
  }
  return Number.POSITIVE_INFINITY
}

describe('a verifier that reads the feed', () => {
  const ends: Record<string, (one: Awaited<ReturnType<typeof signedIn>>) => Promise<unknown>> = {
    'after a logout': (one) =>
      issuer.form('/revoke', {
        token: one.refreshToken,
        client_id: one.client.id,
        client_secret: one.client.secret ?? '',
      }),
    'after the token itself was revoked': (one) =>
      issuer.form('/revoke', {
        token: one.accessToken,
        client_id: one.client.id,
        client_secret: one.client.secret ?? '',
      }),
    'after its user signed out everywhere': (one) =>
      issuer.app.operations['sessions.revoke']({ user: one.user.id }),
    'after its user was disabled': (one) => issuer.app.operations['users.disable']({ user: one.user.id }),
    'after its client was deleted': (one) => issuer.app.operations['clients.delete']({ id: one.client.id }),
    'after its key was revoked': (one) =>
      issuer.app.operations['keys.revoke']({ kid: headerOf(one.accessToken).kid }),
  }

  test.each(Object.keys(ends))('rejects a token within 5 seconds %s (E7)', async (name) => {
    const one = await service()
    const seconds: number[] = []
    // Starts at different moments between two polls.
    for (const offset of [0, 0.5, 1, 1.5, 2, 2.5, 2.999]) {
      const person = await signedIn()
      const bystander = await signedIn()
      await timers.advance(offset)
      seconds.push(await secondsUntilRejected(one, person.accessToken, async () => ends[name]?.(person)))
      if (name !== 'after its key was revoked') expect(await one.verdict(bystander.accessToken)).toBe('ok')
      expect(await one.verdict((await signedIn()).accessToken)).toBe('ok')
    }
    console.log(`${name}: rejected within ${Math.max(...seconds)} s`)
    expect(Math.max(...seconds)).toBeLessThanOrEqual(5)
    one.verifier.stop()
  })

  test('rejects a revoked token within pollSeconds for other intervals too (E7)', async () => {
    for (const pollSeconds of [3, 30]) {
      const one = await service({ pollSeconds })
      const person = await signedIn()
      const end = () => issuer.app.operations['users.disable']({ user: person.user.id }) ?? Promise.resolve()
      expect(await secondsUntilRejected(one, person.accessToken, end)).toBeLessThanOrEqual(pollSeconds)
      one.verifier.stop()
    }
  })

  test('accepts a new sign-in of the same user after signing out everywhere (E3, E7)', async () => {
    const one = await service()
    const { client, user, accessToken } = await signedIn()
    await issuer.app.operations['sessions.revoke']({ user: user.id })
    await timers.advance(5)
    expect(await one.verdict(accessToken)).toBe('revoked')
    expect(await one.verdict((await issuer.tokens(client, user)).accessToken)).toBe('ok')
    one.verifier.stop()
  })

  test('sends no request to the issuer while it checks tokens', async () => {
    const one = await service()
    const { accessToken } = await signedIn()
    const before = one.requests.length
    for (let count = 0; count < 200; count += 1) expect(await one.verdict(accessToken)).toBe('ok')
    expect(one.requests.length).toBe(before)
    one.verifier.stop()
  })

  test('requests only the changes of the feed, and gets 304 if there are none (E8)', async () => {
    const one = await service()
    const answers: { since: string | null; status: number }[] = []
    one.answer.with = async (url) => {
      const { headers } = one.requests.at(-1) ?? {}
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

describe('a verifier without its issuer', () => {
  test('checks tokens during an outage, and follows whenStale once the feed is stale (E7)', async () => {
    const [refusing, accepting, patient] = [
      await service(),
      await service({ whenStale: 'accept' }),
      await service({ maxStalenessSeconds: 400 }),
    ]
    const services = [refusing, accepting, patient]
    const { accessToken, user } = await signedIn()
    const disabled = await signedIn()
    await issuer.app.operations['users.disable']({ user: disabled.user.id })
    await timers.advance(20)
    for (const one of services) one.answer.with = isDown
    await timers.advance(280)
    for (const one of services) expect(await one.verdict(accessToken)).toBe('ok')
    await timers.advance(21)
    expect(await refusing.verdict(accessToken)).toBe('stale')
    expect(await accepting.verdict(accessToken)).toBe('ok')
    expect(await patient.verdict(accessToken)).toBe('ok')
    expect([accepting.verifier.staleAccepted, refusing.verifier.staleAccepted]).toEqual([1, 0])
    // The known entries stay in use.
    for (const one of services) expect(await one.verdict(disabled.accessToken)).toBe('revoked')
    expect(refusing.verifier.status()[0]?.feedAgeSeconds).toBeGreaterThan(300)
    expect(refusing.errors.at(-1)).toContain('/.well-known/')

    for (const one of services) one.answer.with = () => undefined
    await timers.advance(5)
    for (const one of services) expect(await one.verdict(accessToken)).toBe('ok')
    expect(user.id).not.toBe(disabled.user.id)
    for (const one of services) one.verifier.stop()
  })

  test('measures the age of the feed by as_of while the store is down (E7)', async () => {
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

  test('answers unavailable if the service starts before the issuer, and recovers by itself', async () => {
    const { accessToken } = await signedIn()
    const early = await service({ fetch: async () => isDown() })
    expect(await early.verdict(accessToken)).toBe('unavailable')
    early.verifier.stop()
    const one = await service()
    one.verifier.stop()
    let isUp = false
    const recovering = await service({
      fetch: (url, init) => (isUp ? fetch(url, init) : Promise.reject(new TypeError('refused'))),
    })
    expect(await recovering.verdict(accessToken)).toBe('unavailable')
    isUp = true
    await timers.advance(5)
    expect(await recovering.verdict(accessToken)).toBe('ok')
    recovering.verifier.stop()
  })
})

describe('starting and stopping a verifier', () => {
  test('starts once, with the first token, even if 50 tokens arrive at the same time', async () => {
    const { accessToken } = await signedIn()
    const paths: string[] = []
    const verifier = createVerifier({
      issuer: issuer.config.issuer,
      audience: issuer.config.defaultAudience,
      now: () => issuer.clock.now(),
      timers,
      fetch: (url, init) => {
        paths.push(new URL(url).pathname)
        return fetch(url, init)
      },
    })
    await Promise.all(Array.from({ length: 50 }, () => verifier.verify(accessToken)))
    expect(paths).toEqual([
      '/.well-known/openid-configuration',
      '/.well-known/jwks.json',
      '/.well-known/revocations',
    ])
    verifier.stop()
  })

  test('answers missing for an empty token and for a value that is not a string', async () => {
    const one = await service()
    for (const token of ['', undefined, null, 7, {}])
      expect(await one.verdict(token as unknown as string)).toBe('missing')
    one.verifier.stop()
  })

  test('stop ends polling, and the verifier still checks tokens', async () => {
    const before = timers.waiting()
    const one = await service()
    const { accessToken } = await signedIn()
    expect(timers.waiting()).toBe(before + 2)
    one.verifier.stop()
    expect(timers.waiting()).toBe(before)
    expect(await one.verdict(accessToken)).toBe('ok')
  })
})

describe('the keys of a verifier', () => {
  test('accepts every token during ten key rotations, also right after a start (D7, D10)', async () => {
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
        // A new verifier has only the current key set and none of the earlier ones.
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

  test('accepts tokens of the next key at once after an emergency revocation (D11)', async () => {
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

  test('fetches the keys at most once in 30 seconds for tokens with unknown kids', async () => {
    const one = await service()
    const { accessToken } = await signedIn()
    const [header, ...rest] = [headerOf(accessToken), ...accessToken.split('.').slice(1)]
    const foreign = (kid: string) =>
      [Buffer.from(JSON.stringify({ ...header, kid })).toString('base64url'), ...rest].join('.')
    const keyFetches = () => one.requests.filter(({ path }) => path === '/.well-known/jwks.json').length
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
    'status 500': () => new Response('broken', { status: 500 }),
    'an HTML page': () => new Response('<html>', { status: 200 }),
    'JSON that is not a key set': () => Response.json({ keys: 'none' }),
    'a redirect': () =>
      new Response(null, { status: 302, headers: { location: 'https://evil.example/keys' } }),
    'two megabytes': () => new Response('x'.repeat(2_000_000), { status: 200 }),
    'no answer': isDown,
  }
  test.each(Object.keys(bad))('keeps its keys if a fetch gets %s', async (name) => {
    const one = await service()
    const { accessToken } = await signedIn()
    one.answer.with = (url) => (url.pathname.endsWith('/jwks.json') ? bad[name]?.() : undefined)
    await timers.advance(301)
    expect(one.errors).toHaveLength(1)
    expect(await one.verdict(accessToken)).toBe('ok')
    delete one.answer.with
    const before = one.requests.length
    await timers.advance(30)
    expect(one.requests.slice(before).map(({ path }) => path)).toContain('/.well-known/jwks.json')
    expect(await one.verdict(accessToken)).toBe('ok')
    one.verifier.stop()
  })

  test('fetches keys under the name of the service, and only if they changed', async () => {
    const one = await service({ name: 'notes-api' })
    await timers.advance(601)
    const fetches = one.requests.filter(({ path }) => path === '/.well-known/jwks.json')
    expect(fetches).toHaveLength(3)
    for (const { headers } of fetches) expect(headers.get('dojang-verifier')).toBe('notes-api')
    expect(fetches.map(({ headers }) => headers.has('if-none-match'))).toEqual([false, true, true])
    one.verifier.stop()
  })
})

describe('the options of a verifier', () => {
  const issuerUrl = 'https://id.example'
  const audience = 'https://api.example'
  const secret = { secret: 'x'.repeat(32), until: new Date('2027-01-01') }
  const table: Record<string, object> = {
    'a missing issuer': { audience },
    'an empty list of issuers': { audience, issuer: [] },
    'an http issuer that is not on this machine': { audience, issuer: 'http://id.example' },
    'an http address for keys': {
      audience,
      issuer: { issuer: issuerUrl, jwksUri: 'http://id.example/keys' },
    },
    'the same issuer twice': { audience, issuer: [issuerUrl, issuerUrl] },
    'a missing audience': { issuer: issuerUrl },
    'a secret under 32 bytes': { audience, issuer: { ...secret, secret: 'short' } },
    'a secret without an end date': { audience, issuer: { secret: secret.secret } },
    'a secret with an invalid end date': { audience, issuer: { ...secret, until: new Date('never') } },
    'an empty list of types': { audience, issuer: { issuer: issuerUrl, types: [] } },
    'leeway over 60 s': { audience, issuer: issuerUrl, leewaySeconds: 61 },
    'leeway that is not a number': { audience, issuer: issuerUrl, leewaySeconds: Number.NaN },
    'polling every second': { audience, issuer: issuerUrl, pollSeconds: 1 },
    'a maximum staleness under 60 s': { audience, issuer: issuerUrl, maxStalenessSeconds: 5 },
    'an unknown value of whenStale': { audience, issuer: issuerUrl, whenStale: 'ignore' },
    'a name with a space': { audience, issuer: issuerUrl, name: 'notes api' },
  }
  test.each(Object.keys(table))('createVerifier throws a TypeError for %s', (name) => {
    expect(() => createVerifier(table[name] as VerifierOptions)).toThrow(TypeError)
  })

  test('createVerifier accepts one issuer, a list, localhost over http, and a shared secret', () => {
    for (const issuer of [issuerUrl, [issuerUrl], 'http://localhost:4000', [issuerUrl, secret]])
      expect(() => createVerifier({ audience, issuer })).not.toThrow()
  })
})

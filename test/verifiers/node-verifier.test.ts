// Runs @dojang/verifier with a real issuer on a test clock: revocations, outages, key rotation, options.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createVerifier,
  TokenError,
  type Verifier,
  type VerifierOptions,
} from '../../verifiers/node/src/verifier.js'
import { testClock } from '../support/clock.ts'
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

const startService = async (options: Partial<VerifierOptions> = {}): Promise<Service> => {
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
  service: Service,
  token: string,
  end: () => Promise<unknown>,
): Promise<number> => {
  expect(await service.verdict(token)).toBe('ok')
  await end()
  for (let second = 0; second <= 60; second += 1) {
    if ((await service.verdict(token)) !== 'ok') return second
    await timers.advance(1)
  }
  return Number.POSITIVE_INFINITY
}

describe('a verifier that reads the feed', () => {
  const ends: Record<string, (login: Awaited<ReturnType<typeof signedIn>>) => Promise<unknown>> = {
    'after a logout': (login) =>
      issuer.form('/revoke', {
        token: login.refreshToken,
        client_id: login.client.id,
        client_secret: login.client.secret ?? '',
      }),
    'after the token itself was revoked': (login) =>
      issuer.form('/revoke', {
        token: login.accessToken,
        client_id: login.client.id,
        client_secret: login.client.secret ?? '',
      }),
    'after its user signed out everywhere': (login) =>
      issuer.app.operations['sessions.revoke']({ user: login.user.id }),
    'after its user was disabled': (login) => issuer.app.operations['users.disable']({ user: login.user.id }),
    'after its client was deleted': (login) =>
      issuer.app.operations['clients.delete']({ id: login.client.id }),
    'after its key was revoked': (login) =>
      issuer.app.operations['keys.revoke']({ kid: String(headerOf(login.accessToken).kid) }),
  }

  test.each(Object.keys(ends))('rejects a token within 5 seconds %s (E7)', async (name) => {
    const service = await startService()
    const seconds: number[] = []
    // Starts at different moments between two polls.
    for (const offset of [0, 0.5, 1, 1.5, 2, 2.5, 2.999]) {
      const login = await signedIn()
      const otherLogin = await signedIn()
      await timers.advance(offset)
      seconds.push(await secondsUntilRejected(service, login.accessToken, async () => ends[name]?.(login)))
      if (name !== 'after its key was revoked')
        expect(await service.verdict(otherLogin.accessToken)).toBe('ok')
      expect(await service.verdict((await signedIn()).accessToken)).toBe('ok')
    }
    console.log(`${name}: rejected within ${Math.max(...seconds)} s`)
    expect(Math.max(...seconds)).toBeLessThanOrEqual(5)
    service.verifier.stop()
  })

  test('rejects a revoked token within pollSeconds for other intervals too (E7)', async () => {
    for (const pollSeconds of [3, 30]) {
      const service = await startService({ pollSeconds })
      const login = await signedIn()
      const end = () => issuer.app.operations['users.disable']({ user: login.user.id }) ?? Promise.resolve()
      expect(await secondsUntilRejected(service, login.accessToken, end)).toBeLessThanOrEqual(pollSeconds)
      service.verifier.stop()
    }
  })

  test('accepts a new sign-in of the same user after signing out everywhere (E3, E7)', async () => {
    const service = await startService()
    const { client, user, accessToken } = await signedIn()
    await issuer.app.operations['sessions.revoke']({ user: user.id })
    await timers.advance(5)
    expect(await service.verdict(accessToken)).toBe('revoked')
    expect(await service.verdict((await issuer.tokens(client, user)).accessToken)).toBe('ok')
    service.verifier.stop()
  })

  test('sends no request to the issuer while it checks tokens', async () => {
    const service = await startService()
    const { accessToken } = await signedIn()
    const before = service.requests.length
    for (let count = 0; count < 200; count += 1) expect(await service.verdict(accessToken)).toBe('ok')
    expect(service.requests.length).toBe(before)
    service.verifier.stop()
  })

  test('requests only the changes of the feed, and gets 304 if there are none (E8)', async () => {
    const service = await startService()
    const answers: { since: string | null; status: number }[] = []
    service.answer.with = async (url) => {
      const { headers } = service.requests.at(-1) ?? {}
      const answer = await fetch(url, { headers: headers ?? {} })
      answers.push({ since: url.searchParams.get('since'), status: answer.status })
      return answer
    }
    await timers.advance(60)
    expect(answers).toHaveLength(20)
    expect(answers.every(({ since }) => since !== null)).toBe(true)
    expect(answers.filter(({ status }) => status === 304).length).toBeGreaterThan(12)
    service.verifier.stop()
  })
})

describe('a verifier without its issuer', () => {
  test('checks tokens during an outage, and follows whenStale once the feed is stale (E7)', async () => {
    const [refusing, accepting, patient] = [
      await startService(),
      await startService({ whenStale: 'accept' }),
      await startService({ maxStalenessSeconds: 400 }),
    ]
    const services = [refusing, accepting, patient]
    const { accessToken, user } = await signedIn()
    const disabled = await signedIn()
    await issuer.app.operations['users.disable']({ user: disabled.user.id })
    await timers.advance(20)
    for (const service of services) service.answer.with = isDown
    await timers.advance(280)
    for (const service of services) expect(await service.verdict(accessToken)).toBe('ok')
    await timers.advance(21)
    expect(await refusing.verdict(accessToken)).toBe('stale')
    expect(await accepting.verdict(accessToken)).toBe('ok')
    expect(await patient.verdict(accessToken)).toBe('ok')
    expect([accepting.verifier.staleAccepted, refusing.verifier.staleAccepted]).toEqual([1, 0])
    // The known entries stay in use.
    for (const service of services) expect(await service.verdict(disabled.accessToken)).toBe('revoked')
    expect(refusing.verifier.status()[0]?.feedAgeSeconds).toBeGreaterThan(300)
    expect(refusing.errors.at(-1)).toContain('/.well-known/')

    for (const service of services) service.answer.with = () => undefined
    await timers.advance(5)
    for (const service of services) expect(await service.verdict(accessToken)).toBe('ok')
    expect(user.id).not.toBe(disabled.user.id)
    for (const service of services) service.verifier.stop()
  })

  test('measures the age of the feed by as_of while the store is down (E7)', async () => {
    const service = await startService()
    const { accessToken } = await signedIn()
    await timers.advance(5)
    faulty.failAll()
    try {
      await timers.advance(280)
      expect(await service.verdict(accessToken)).toBe('ok')
      await timers.advance(40)
      expect(await service.verdict(accessToken)).toBe('stale')
      const late = await startService({ whenStale: 'accept' })
      expect(await late.verdict(accessToken)).toBe('ok')
      late.verifier.stop()
    } finally {
      faulty.repair()
    }
    await timers.advance(5)
    expect(await service.verdict(accessToken)).toBe('ok')
    service.verifier.stop()
  })

  test('gives the verdict unavailable if the service starts before the issuer, then recovers', async () => {
    const { accessToken } = await signedIn()
    const early = await startService({ fetch: async () => isDown() })
    expect(await early.verdict(accessToken)).toBe('unavailable')
    early.verifier.stop()
    const service = await startService()
    service.verifier.stop()
    let isUp = false
    const recovering = await startService({
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

  test('gives the verdict missing for an empty token and for a value that is not a string', async () => {
    const service = await startService()
    for (const token of ['', undefined, null, 7, {}])
      expect(await service.verdict(token as unknown as string)).toBe('missing')
    service.verifier.stop()
  })

  test('stop ends polling, and the verifier still checks tokens', async () => {
    const before = timers.waiting()
    const service = await startService()
    const { accessToken } = await signedIn()
    expect(timers.waiting()).toBe(before + 2)
    service.verifier.stop()
    expect(timers.waiting()).toBe(before)
    expect(await service.verdict(accessToken)).toBe('ok')
  })
})

describe('the keys of a verifier', () => {
  test('accepts every token during ten key rotations, also right after a start (D7, D10)', async () => {
    const service = await startService({ revocations: false })
    const previous: string[] = []
    const kids: unknown[] = []
    const client = await issuer.client()
    const user = await issuer.user()
    for (let rotation = 0; rotation < 10; rotation += 1) {
      await issuer.app.operations['keys.rotate']({ inSeconds: 3900 })
      for (const pause of [299, 3600.5, 0.5, 300, 500]) {
        await timers.advance(pause)
        const { accessToken } = await issuer.tokens(client, user)
        expect(await service.verdict(accessToken)).toBe('ok')
        // A new verifier has only the current key set and none of the earlier ones.
        const fresh = await startService({ revocations: false })
        expect(await fresh.verdict(accessToken)).toBe('ok')
        fresh.verifier.stop()
        for (const older of previous)
          if (Number(claimsOf(older).exp) * 1000 > issuer.clock.now().getTime())
            expect(await service.verdict(older)).toBe('ok')
        kids.push(headerOf(accessToken).kid)
        previous.splice(0, previous.length, ...previous.slice(-3), accessToken)
      }
    }
    expect(new Set(kids).size).toBe(11)
    service.verifier.stop()
  })

  test('accepts tokens of the next key at once after an emergency revocation (D11)', async () => {
    const service = await startService()
    const { client, user, accessToken } = await signedIn()
    await issuer.app.operations['keys.revoke']({ kid: String(headerOf(accessToken).kid) })
    const next = await issuer.tokens(client, user)
    expect(headerOf(next.accessToken).kid).not.toBe(headerOf(accessToken).kid)
    expect(await service.verdict(next.accessToken)).toBe('ok')
    await timers.advance(5)
    expect(await service.verdict(accessToken)).not.toBe('ok')
    service.verifier.stop()
  })

  test('fetches the keys at most once in 30 seconds for tokens with unknown kids', async () => {
    const service = await startService()
    const { accessToken } = await signedIn()
    const [header, ...rest] = [headerOf(accessToken), ...accessToken.split('.').slice(1)]
    const foreign = (kid: string) =>
      [Buffer.from(JSON.stringify({ ...header, kid })).toString('base64url'), ...rest].join('.')
    const keyFetches = () => service.requests.filter(({ path }) => path === '/.well-known/jwks.json').length
    const before = keyFetches()
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, (_, at) => service.verdict(foreign(`k${at}`))),
    )
    expect(new Set(verdicts)).toEqual(new Set(['unknown_key']))
    expect(keyFetches()).toBe(before + 1)
    await timers.advance(29)
    expect(await service.verdict(foreign('k'))).toBe('unknown_key')
    expect(keyFetches()).toBe(before + 1)
    await timers.advance(1)
    expect(await service.verdict(foreign('k'))).toBe('unknown_key')
    expect(keyFetches()).toBe(before + 2)
    service.verifier.stop()
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
    const service = await startService()
    const { accessToken } = await signedIn()
    service.answer.with = (url) => (url.pathname.endsWith('/jwks.json') ? bad[name]?.() : undefined)
    await timers.advance(301)
    expect(service.errors).toHaveLength(1)
    expect(await service.verdict(accessToken)).toBe('ok')
    delete service.answer.with
    const before = service.requests.length
    await timers.advance(30)
    expect(service.requests.slice(before).map(({ path }) => path)).toContain('/.well-known/jwks.json')
    expect(await service.verdict(accessToken)).toBe('ok')
    service.verifier.stop()
  })

  test('sends its name with each key fetch, and fetches keys only if they changed', async () => {
    const service = await startService({ name: 'notes-api' })
    await timers.advance(601)
    const fetches = service.requests.filter(({ path }) => path === '/.well-known/jwks.json')
    expect(fetches).toHaveLength(3)
    for (const { headers } of fetches) expect(headers.get('dojang-verifier')).toBe('notes-api')
    expect(fetches.map(({ headers }) => headers.has('if-none-match'))).toEqual([false, true, true])
    service.verifier.stop()
  })
})

describe('the options of a verifier', () => {
  const issuerUrl = 'https://id.example'
  const audience = 'https://api.example'
  const secret = { secret: 'x'.repeat(32), until: new Date('2027-01-01') }
  const pemOf = (type: 'spki' | 'pkcs8', modulusLength = 2048) => {
    const pair = generateKeyPairSync('rsa', { modulusLength })
    const key = type === 'spki' ? pair.publicKey : pair.privateKey
    return key.export({ type, format: 'pem' } as never).toString()
  }
  const pem = { pem: pemOf('spki'), until: new Date('2027-01-01') }
  const table: Record<string, object> = {
    'a missing issuer': { audience },
    'an empty list of issuers': { audience, issuer: [] },
    'an http issuer that is not on this machine': { audience, issuer: 'http://id.example' },
    'an http address for keys': {
      audience,
      issuer: { issuer: issuerUrl, jwksUri: 'http://id.example/keys' },
    },
    'the same issuer twice': { audience, issuer: [issuerUrl, issuerUrl] },
    'an issuer with both public keys and a secret': {
      audience,
      issuer: [issuerUrl, { ...secret, issuer: issuerUrl }],
    },
    'an empty name of the claim with the roles': { audience, issuer: { ...secret, rolesClaim: '' } },
    'a required claim that is not text': { audience, issuer: { ...secret, requiredClaims: { v: 2 } } },
    'a missing audience': { issuer: issuerUrl },
    'a secret under 32 bytes': { audience, issuer: { ...secret, secret: 'short' } },
    'a secret without an end date': { audience, issuer: { secret: secret.secret } },
    'a secret with an invalid end date': { audience, issuer: { ...secret, until: new Date('never') } },
    'a private key in place of a public key': { audience, issuer: { ...pem, pem: pemOf('pkcs8') } },
    'an RSA key under 2,048 bits': { audience, issuer: { ...pem, pem: pemOf('spki', 1024) } },
    'a PEM text that holds no key': { audience, issuer: { ...pem, pem: '-----BEGIN PUBLIC KEY-----' } },
    'a PEM file without an end date': { audience, issuer: { pem: pem.pem } },
    'a PEM file and a secret in one issuer': { audience, issuer: { ...secret, ...pem } },
    'two issuers without iss': { audience, issuer: [secret, pem] },
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

  test('createVerifier accepts one issuer, a list, localhost over http, a shared secret and a PEM file', () => {
    for (const issuer of [issuerUrl, [issuerUrl], 'http://localhost:4000', [issuerUrl, secret], pem])
      expect(() => createVerifier({ audience, issuer })).not.toThrow()
  })
})

describe('keys that were revoked or cannot be confirmed', () => {
  const now = 1_900_000_000
  const url = 'https://id.example'
  const hashed = (name: string) =>
    createHash('sha256').update(name).digest().subarray(0, 16).toString('base64url')

  /** An issuer with two keys, whose feed the test signs with either of them. */
  const fakeIssuer = async (options: Partial<VerifierOptions> = {}) => {
    const clock = testClock(new Date(now * 1000))
    const timers = testTimers(clock)
    const state = { isDown: false, feed: '' }
    const errors: string[] = []
    const seconds = () => clock.now().getTime() / 1000
    const make = async (kid: string) => {
      const { publicKey, privateKey } = await generateKeyPair('RS256')
      return { jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }, privateKey, kid }
    }
    const [good, killed] = [await make('good'), await make('killed')]
    const sign = (typ: string, claims: object, by = good) =>
      new SignJWT({ iss: url, iat: seconds(), exp: seconds() + 300, ...claims })
        .setProtectedHeader({ alg: 'RS256', typ, kid: by.kid })
        .sign(by.privateKey)
    const signFeed = async (revoked: object, by = good) => {
      const time = { as_of: seconds(), cursor: String(seconds()) }
      state.feed = await sign('revocations+jwt', { ...time, ttl: 5, full: true, revoked }, by)
    }
    const answers: Record<string, () => string> = {
      '/.well-known/openid-configuration': () =>
        JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks`, revocations_uri: `${url}/feed` }),
      '/jwks': () => JSON.stringify({ keys: [good.jwk, killed.jwk] }),
      '/feed': () => state.feed,
    }
    await signFeed({ kid: { killed: { exp: now + 7200 } } })
    const verifier = createVerifier({
      issuer: url,
      audience: 'api',
      now: clock.now,
      timers,
      onError: (error) => void errors.push(error.message),
      fetch: async (address) => {
        if (state.isDown) throw new TypeError('connection refused')
        return new Response(answers[new URL(address).pathname]?.() ?? '', { status: 200 })
      },
      ...options,
    })
    await verifier.start()
    const verdict = async () => {
      const token = await sign('at+jwt', { aud: 'api', sub: 'usr_1', jti: 'j', client_id: 'c' })
      return verifier.verify(token).then(
        () => 'ok',
        (error: TokenError) => error.verdict,
      )
    }
    return { errors, state, clock, timers, killed, signFeed, verifier, verdict }
  }

  test('keys that cannot be confirmed for an hour are not trusted, and work again afterwards (D8)', async () => {
    const { state, clock, verdict } = await fakeIssuer({ maxStalenessSeconds: 10_000 })
    state.isDown = true
    clock.advance(3599)
    expect(await verdict()).toBe('ok')
    clock.advance(1)
    expect(await verdict()).toBe('unavailable')
    state.isDown = false
    clock.advance(30)
    expect(await verdict()).toBe('ok')
  })

  test('a feed that is signed with a key that an earlier feed revoked is ignored (D11, E8)', async () => {
    const { timers, killed, signFeed, verdict, errors } = await fakeIssuer()
    const revoked = { sub: { [hashed('sub:usr_1')]: { exp: now + 3660 } } }
    // The thief of the revoked key writes a feed that does not name it.
    await signFeed(revoked, killed)
    await timers.advance(10)
    expect(errors.join()).toContain('unknown or revoked key')
    expect(await verdict()).toBe('ok')
    await signFeed(revoked)
    await timers.advance(10)
    expect(await verdict()).toBe('revoked')
  })
})

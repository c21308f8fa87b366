// Ten rotations as stock verifiers live through them, on simulated time: each caches the key set as its library does by default.
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'

const [minutes, hours] = [60, 3600]

/** What a library does with a key set by default (docs/security.md, section J). */
interface Policy {
  name: string
  /** A known key is used this long without a look; Infinity: for ever. */
  cacheSeconds: number
  /** Seconds between fetches for an unknown `kid`; Infinity: it waits for its next poll. */
  unknownCooldownSeconds: number
}

const fleet: readonly Policy[] = [
  { name: 'PyJWT', cacheSeconds: 300, unknownCooldownSeconds: 0 },
  { name: 'PyJWT with cache_keys', cacheSeconds: Number.POSITIVE_INFINITY, unknownCooldownSeconds: 0 },
  { name: 'jose', cacheSeconds: 600, unknownCooldownSeconds: 30 },
  { name: 'oauth4webapi', cacheSeconds: 300, unknownCooldownSeconds: 60 },
  { name: 'jwks-rsa', cacheSeconds: 600, unknownCooldownSeconds: 0 },
  { name: 'go-oidc', cacheSeconds: Number.POSITIVE_INFINITY, unknownCooldownSeconds: 0 },
  { name: 'Spring', cacheSeconds: 300, unknownCooldownSeconds: 0 },
  { name: 'Envoy, which only polls', cacheSeconds: 600, unknownCooldownSeconds: Number.POSITIVE_INFINITY },
  {
    name: 'Istio, which only polls',
    cacheSeconds: 20 * minutes,
    unknownCooldownSeconds: Number.POSITIVE_INFINITY,
  },
  // Its one fetch per five minutes for an unknown kid is spent on an attacker's tokens.
  { name: 'keyfunc under attack', cacheSeconds: hours, unknownCooldownSeconds: Number.POSITIVE_INFINITY },
  { name: 'an API gateway', cacheSeconds: hours, unknownCooldownSeconds: Number.POSITIVE_INFINITY },
  { name: 'jwks-rsa-java', cacheSeconds: 10 * hours, unknownCooldownSeconds: 6 },
]

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await testIssuer()
})
afterAll(() => issuer.close())

const seconds = () => issuer.clock.now().getTime() / 1000
const published = (): Set<string> =>
  new Set(
    (JSON.parse(issuer.app.keyRing.jwks().body) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid),
  )

const verifierOf = ({ name, cacheSeconds, unknownCooldownSeconds }: Policy) => {
  let [kids, fetchedAt, unknownAt] = [published(), seconds(), 0]
  const fetchKeys = () => {
    kids = published()
    fetchedAt = seconds()
  }
  return {
    name,
    /** Whether it would find the key of a token. */
    knows: (kid: string): boolean => {
      if (seconds() - fetchedAt >= cacheSeconds) fetchKeys()
      if (!kids.has(kid) && seconds() - unknownAt >= unknownCooldownSeconds) {
        unknownAt = seconds()
        fetchKeys()
      }
      return kids.has(kid)
    },
  }
}

/** Ten rotations; every minute each verifier is shown a fresh token and one at the end of its life. Who failed, how often. */
const live = async (rotation: Record<string, unknown>, everySeconds: number) => {
  const verifiers = fleet.map(verifierOf)
  const failures = new Map<string, number>()
  const tokens: { kid: string; expiresAt: number }[] = []
  for (let round = 0; round < 10; round += 1) {
    await issuer.app.operations['keys.rotate'](rotation)
    const end = seconds() + everySeconds
    while (seconds() < end) {
      const fresh = { kid: issuer.app.keyRing.current().kid, expiresAt: seconds() + 600 }
      tokens.push(fresh)
      while ((tokens[0]?.expiresAt ?? 0) < seconds()) tokens.shift()
      for (const { name, knows } of verifiers)
        for (const { kid } of [fresh, tokens[0] ?? fresh])
          if (!knows(kid)) failures.set(name, (failures.get(name) ?? 0) + 1)
      issuer.clock.advance(60)
    }
  }
  return Object.fromEntries(failures)
}

describe('ten rotations in a row', () => {
  test('with the day of pre-publication no verifier of the fleet fails once (J1)', async () => {
    expect(await live({}, 30 * hours)).toEqual({})
  })

  test('at the floor of 65 minutes neither (J1)', async () => {
    expect(await live({ inSeconds: 65 * minutes }, 3 * hours)).toEqual({})
  })

  test('with five minutes those that poll do fail: what is measured is the pre-publication (J1, D7)', async () => {
    const failures = await live({ inSeconds: 5 * minutes, force: true }, 3 * hours)
    expect(Object.keys(failures)).toEqual(
      expect.arrayContaining(['Istio, which only polls', 'an API gateway']),
    )
    expect(failures).not.toHaveProperty('jose')
  })
})

describe('the real jose, its cache on the same simulated time', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('ten rotations cost it no token (J1)', async () => {
    const machine = await issuer.client({ grants: ['client_credentials'], scopes: [] })
    // Only the date: jose reads it for its cache and its cooldown.
    vi.useFakeTimers({ toFake: ['Date'], now: issuer.clock.now() })
    const keys = createRemoteJWKSet(new URL(`${issuer.url}/.well-known/jwks.json`))
    const kids = new Set<string>()
    for (let round = 0; round < 10; round += 1) {
      await issuer.app.operations['keys.rotate']({})
      for (let step = 0; step < 60; step += 1) {
        const fields = {
          grant_type: 'client_credentials',
          client_id: machine.id,
          client_secret: machine.secret ?? '',
        }
        const { json } = await issuer.form('/token', fields)
        const { protectedHeader } = await jwtVerify(String(json.access_token), keys, {
          ...{ issuer: issuer.config.issuer, typ: 'at+jwt', algorithms: ['RS256'] },
        })
        kids.add(protectedHeader.kid ?? '')
        issuer.clock.advance(30 * minutes)
        vi.setSystemTime(issuer.clock.now())
      }
    }
    expect(kids.size).toBe(11)
  })
})

test('a flood for the key set is answered every time, and in full (J2)', async () => {
  const ask = async () => {
    const response = await fetch(`${issuer.url}/.well-known/jwks.json`)
    return `${response.status} ${(await response.text()).length > 300}`
  }
  const answers = await Promise.all(Array.from({ length: 1000 }, ask))
  expect(new Set(answers)).toEqual(new Set(['200 true']))
})

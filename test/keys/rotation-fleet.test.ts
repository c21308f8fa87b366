// Ten rotations on simulated time, with verifiers that cache the JWKS as their libraries do by default.
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'

const [minutes, hours] = [60, 3600]

/** How a library caches a key set by default (docs/security.md, section J). */
interface Policy {
  name: string
  /** Seconds between fetches while the key is known. Infinity means that the library never fetches. */
  cacheSeconds: number
  /** Seconds between fetches for an unknown `kid`. Infinity means that only the next poll fetches. */
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
  // keyfunc fetches once in five minutes for an unknown kid, and an attacker's tokens use up that fetch.
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
    /** True if the verifier finds the key of a token. */
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

/**
 * Runs ten rotations. Each minute every verifier checks a new token and one that is about to expire.
 * Returns the number of failures by verifier.
 */
const rotateTenTimes = async (rotation: Record<string, unknown>, everySeconds: number) => {
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

describe('ten rotations with many verifiers', () => {
  test('ten rotations with a day of pre-publication cause no failure at any verifier (J1)', async () => {
    expect(await rotateTenTimes({}, 30 * hours)).toEqual({})
  })

  test('ten rotations with 65 minutes of pre-publication cause no failure at any verifier (J1)', async () => {
    expect(await rotateTenTimes({ inSeconds: 65 * minutes }, 3 * hours)).toEqual({})
  })

  test('ten rotations with five minutes of pre-publication cause failures at verifiers that poll (J1, D7)', async () => {
    const failures = await rotateTenTimes({ inSeconds: 5 * minutes, force: true }, 3 * hours)
    expect(Object.keys(failures)).toEqual(
      expect.arrayContaining(['Istio, which only polls', 'an API gateway']),
    )
    expect(failures).not.toHaveProperty('jose')
  })
})

describe('jose on simulated time', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('the jose library verifies every token through ten rotations (J1)', async () => {
    const machine = await issuer.client({ grants: ['client_credentials'], scopes: [] })
    // Only the date is faked, because jose reads it for its cache and its cooldown.
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
          issuer: issuer.config.issuer,
          typ: 'at+jwt',
          algorithms: ['RS256'],
        })
        kids.add(protectedHeader.kid ?? '')
        issuer.clock.advance(30 * minutes)
        vi.setSystemTime(issuer.clock.now())
      }
    }
    expect(kids.size).toBe(11)
  })
})

test('each of 1000 concurrent requests for the JWKS gets 200 and the full document (J2)', async () => {
  const ask = async () => {
    const response = await fetch(`${issuer.url}/.well-known/jwks.json`)
    return `${response.status} ${(await response.text()).length > 300}`
  }
  const answers = await Promise.all(Array.from({ length: 1000 }, ask))
  expect(new Set(answers)).toEqual(new Set(['200 true']))
})

import { createPublicKey } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import {
  macBy,
  type PublishedKeys,
  publishedKeys,
  signedBy,
  type TheirKey,
  theirKey,
  unsigned,
} from '../../fakes/published-keys.ts'
import { verifyForeignJwt } from '../../src/upstream-keys/foreign-jwt.ts'
import { createRemoteJwks } from '../../src/upstream-keys/remote-jwks.ts'
import { testClock } from '../support/clock.ts'

const [one, two, stranger] = [theirKey('one'), theirKey('two'), theirKey('one')]

let opened: PublishedKeys | undefined
afterEach(async () => {
  await opened?.close()
})

const publisher = async (keys: readonly TheirKey[] = [one], timeoutMs?: number) => {
  const published = await publishedKeys(...keys)
  opened = published
  const clock = testClock()
  const failures: unknown[] = []
  const options = { url: published.url, clock, failed: (cause: unknown) => void failures.push(cause) }
  const jwks = createRemoteJwks({ ...options, ...(timeoutMs !== undefined && { timeoutMs }) })
  const outcome = async (kid: string) => (await jwks.find(kid)).outcome
  return { published, clock, jwks, failures, outcome }
}

describe('the published keys of another issuer', () => {
  test('remote keys are fetched once for parallel calls, and again after an hour', async () => {
    const { published, clock, outcome } = await publisher()
    expect(await Promise.all(Array.from({ length: 20 }, () => outcome('one')))).toEqual(
      Array.from({ length: 20 }, () => 'found'),
    )
    clock.advance(3599)
    expect(await outcome('one')).toBe('found')
    expect(published.asked).toBe(1)
    clock.advance(2)
    expect(await outcome('one')).toBe('found')
    expect(published.asked).toBe(2)
  })

  test('a key that left the set is unknown after the next fetch', async () => {
    const { published, clock, outcome } = await publisher([one, two])
    expect(await outcome('one')).toBe('found')
    published.publish(two)
    clock.advance(3601)
    expect(await outcome('one')).toBe('unknown')
  })

  test('an unknown kid causes an immediate fetch, even after a recent one', async () => {
    const { published, outcome } = await publisher()
    expect(await outcome('one')).toBe('found')
    published.publish(one, two)
    expect(await outcome('two')).toBe('found')
    expect(published.asked).toBe(2)
  })

  test('unknown kids cause at most one fetch every 30 seconds', async () => {
    const { published, clock, outcome } = await publisher()
    expect(await outcome('one')).toBe('found')
    for (const kid of ['a', 'b', 'c']) expect(await outcome(kid)).toBe('unknown')
    expect(published.asked).toBe(2)
    published.publish(one, two)
    expect(await outcome('two')).toBe('unknown')
    clock.advance(31)
    expect(await outcome('two')).toBe('found')
    expect(published.asked).toBe(3)
  })

  test('a failed fetch keeps the known keys and gives unavailable for an unknown kid', async () => {
    const { published, clock, outcome, failures } = await publisher()
    expect(await outcome('one')).toBe('found')
    published.fail()
    clock.advance(3601)
    expect(await outcome('one')).toBe('found')
    expect(await outcome('two')).toBe('unavailable')
    expect(failures).toHaveLength(1)
    published.publish(one, two)
    clock.advance(6)
    expect(await outcome('two')).toBe('found')
  })

  test('keys that could not be fetched again for a day are unavailable', async () => {
    const { published, clock, outcome } = await publisher()
    expect(await outcome('one')).toBe('found')
    published.fail()
    clock.advance(86_401)
    expect(await outcome('one')).toBe('unavailable')
  })

  const faults: [string, (published: PublishedKeys) => void][] = [
    ['an error', (published) => published.fail(500)],
    ['too many requests', (published) => published.fail(429)],
    [
      'a redirect, even to a good set',
      (published) => {
        const good = published.answer
        published.answer = (response) => {
          published.answer = good
          response.writeHead(302, { location: published.url }).end()
        }
      },
    ],
    [
      'a page',
      (published) => {
        published.answer = (response) => response.end('<html>')
      },
    ],
    [
      'JSON that is not a key set',
      (published) => {
        published.answer = (response) => response.end('[1]')
      },
    ],
    ['an empty set', (published) => published.publish()],
    [
      'more than 64 KB',
      (published) => {
        published.answer = (response) =>
          response.end(JSON.stringify({ keys: [one.jwk], padding: 'x'.repeat(70_000) }))
      },
    ],
    [
      'a body without an end',
      (published) => {
        published.answer = (response) => response.write('{"keys":[')
      },
    ],
    [
      'no answer',
      (published) => {
        published.answer = () => {}
      },
    ],
    [
      'a closed connection',
      (published) => {
        published.answer = (response) => response.destroy()
      },
    ],
  ]
  for (const [name, breaks] of faults)
    test(`${name} instead of a key set gives unavailable, and the next fetch works`, async () => {
      const { published, clock, outcome } = await publisher([one], 150)
      breaks(published)
      expect(await outcome('one')).toBe('unavailable')
      published.publish(one)
      clock.advance(6)
      expect(await outcome('one')).toBe('found')
    })

  test('an unusable key in the set does not affect the other keys', async () => {
    const { published, outcome } = await publisher()
    const weak = theirKey('weak', 1024)
    published.publish(
      weak,
      { jwk: { kty: 'EC', crv: 'P-256', kid: 'ec' } },
      { jwk: { ...two.jwk, kid: 'enc', use: 'enc' } },
      { jwk: { ...two.jwk, kid: 'ps', alg: 'PS256' } },
      { jwk: { ...two.jwk, kid: 'broken', n: '!' } },
      { jwk: { ...two.jwk, kid: undefined } },
      one,
    )
    expect(await outcome('one')).toBe('found')
    for (const kid of ['weak', 'ec', 'enc', 'ps', 'broken']) expect(await outcome(kid), kid).toBe('unknown')
  })
})

describe('a token of another issuer', () => {
  const header = { alg: 'RS256', typ: 'JWT', kid: 'one' }
  const payload = { sub: '1' }
  const types = ['jwt', undefined]
  const verify = async (token: string) => {
    const { jwks } = await publisher()
    return verifyForeignJwt(token, { jwks, types })
  }
  const pem = createPublicKey(one.privateKey).export({ type: 'spki', format: 'pem' }).toString()

  test('verifyForeignJwt accepts a token that the published key of its kid signed', async () => {
    expect(await verify(signedBy(one, header, payload))).toEqual({ outcome: 'valid', payload })
    expect(await verify(signedBy(one, { alg: 'RS256', kid: 'one' }, payload))).toMatchObject({
      outcome: 'valid',
    })
  })

  const refused: [string, string, string][] = [
    ['alg none', 'alg', unsigned({ ...header, alg: 'none' }, payload)],
    ['HS256 keyed with the public key', 'alg', macBy(pem, { ...header, alg: 'HS256' }, payload)],
    ['another RSA algorithm', 'alg', signedBy(one, { ...header, alg: 'RS512' }, payload)],
    ['no signature', 'signature', unsigned(header, payload)],
    ['another key under the same kid', 'signature', signedBy(stranger, header, payload)],
    ['an unknown kid', 'unknown_kid', signedBy(two, { ...header, kid: 'two' }, payload)],
    ['no kid', 'unknown_kid', signedBy(one, { ...header, kid: undefined }, payload)],
    ['another typ', 'typ', signedBy(one, { ...header, typ: 'secevent+jwt' }, payload)],
    ['a typ that is not a string', 'typ', signedBy(one, { ...header, typ: 7 }, payload)],
    ['a crit extension', 'header', signedBy(one, { ...header, crit: ['b64'], b64: false }, payload)],
    ['a jwk in the header', 'header', signedBy(stranger, { ...header, jwk: stranger.jwk }, payload)],
    ['a jku in the header', 'header', signedBy(stranger, { ...header, jku: 'https://x' }, payload)],
    ['a payload that is not an object', 'malformed', signedBy(one, header, '[1]')],
    ['a header that is not an object', 'malformed', signedBy(one, '"x"', payload)],
    ['two parts', 'malformed', 'e30.e30'],
    ['no text', 'malformed', ''],
    ['more than the maximum length', 'too_large', signedBy(one, header, { padding: 'x'.repeat(20_000) })],
  ]
  for (const [name, reason, token] of refused)
    test(`verifyForeignJwt rejects a token with ${name}`, async () => {
      expect(await verify(token)).toEqual({ outcome: 'invalid', reason })
    })

  test('verifyForeignJwt gives unavailable while the keys cannot be fetched', async () => {
    const { published, jwks } = await publisher()
    published.fail()
    const token = signedBy(one, header, payload)
    expect(await verifyForeignJwt(token, { jwks, types })).toEqual({ outcome: 'unavailable' })
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secondsAfter } from '../../src/clock.ts'
import { jwks } from '../../src/keys/jwks.ts'
import {
  activate,
  addFirst,
  addGenerated,
  addImported,
  checkPrePublication,
  prePublication,
  revoke,
  rotate,
} from '../../src/keys/rotation.ts'
import {
  hintVerifyingAt,
  jwksMaxAgeSeconds,
  keepSeconds,
  maxPublishedKeys,
  publishedAt,
  type SigningKey,
  scheduledAt,
  signingKeyAt,
  stateAt,
} from '../../src/keys/signing-keys.ts'
import { maxAccessTokenTtlSeconds, verifierLeewaySeconds } from '../../src/lifetimes.ts'

const start = new Date('2026-03-01T09:00:00Z')
const moment = (seconds: number) => secondsAfter(start, seconds)
const hour = 3600
const day = 24 * hour

const key = (kid: string, times: Partial<SigningKey> = {}): SigningKey => ({
  kid,
  alg: 'RS256',
  publicJwk: { kty: 'RSA', n: `n-of-${kid}`, e: 'AQAB' },
  encryptedPrivateKey: 'v1.sealed',
  createdAt: start,
  publishedAt: start,
  ...times,
})

/** A set with one key that has signed since `start`. */
const signing = (kid: string) => addFirst([], key(kid), start).keys

const keysOf = (change: { outcome: string; keys?: readonly SigningKey[] }): readonly SigningKey[] => {
  if (change.keys === undefined) throw new Error(`refused: ${change.outcome}`)
  return change.keys
}

const states = (keys: readonly SigningKey[], now: Date) =>
  Object.fromEntries(keys.map((key) => [key.kid, stateAt(key, now)]))

describe('stateAt and signingKeyAt', () => {
  const scheduled = key('a', { activatesAt: moment(10), retiresAt: moment(20), removedAt: moment(30) })

  test.each([
    ['pending', 'before its activation', scheduled, 9],
    ['active', 'from its activation on', scheduled, 10],
    ['retiring', 'from its retirement on', scheduled, 20],
    ['removed', 'from its removal on', scheduled, 30],
    ['pending', 'if it has no schedule', key('a'), 10_000],
    ['revoked', 'from its revocation on', { ...scheduled, revokedAt: moment(15) }, 15],
    ['revoked', 'even if the revocation has a later time', { ...scheduled, revokedAt: moment(15) }, 14],
  ])('a key is %s %s', (state, _, record, seconds) => {
    expect(stateAt(record, moment(seconds))).toBe(state)
  })

  test('exactly one key signs at the moment of a switch (D6)', () => {
    const keys = keysOf(rotate(signing('a'), key('b'), { now: start }))
    const at = day * 1000
    const signs = (ms: number) => signingKeyAt(keys, new Date(start.getTime() + ms))?.kid
    expect([signs(0), signs(at - 1), signs(at), signs(at + 1)]).toEqual(['a', 'a', 'b', 'b'])
  })

  test('if two keys are active, only the one that was activated last signs', () => {
    const keys = [key('b', { activatesAt: moment(2) }), key('a', { activatesAt: moment(1) })]
    expect(signingKeyAt(keys, moment(5))?.kid).toBe('b')
  })
})

describe('addFirst', () => {
  test('the first key signs at once', () => {
    expect(signingKeyAt(signing('a'), start)?.kid).toBe('a')
  })

  test('the first key is created once', () => {
    expect(addFirst(signing('a'), key('b'), start)).toMatchObject({
      outcome: 'unchanged',
      key: { kid: 'a' },
    })
  })

  test('an instance with a slow clock signs with the existing first key and does not add another', () => {
    const keys = signing('a')
    const change = addFirst(keys, key('b'), moment(-30))
    expect(change.keys.map(({ kid }) => kid)).toEqual(['a'])
    expect(signingKeyAt(change.keys, moment(-30))?.kid).toBe('a')
  })

  test.each([
    ['generated', addGenerated],
    ['imported', addImported],
  ])('a key that is %s into an empty set signs at once', (_, add) => {
    expect(signingKeyAt(keysOf(add([], key('a'), start)), start)?.kid).toBe('a')
  })
})

describe('rotate', () => {
  test('rotate publishes the new key for a day before it signs (D7)', () => {
    const keys = keysOf(rotate(signing('a'), key('b'), { now: moment(hour) }))
    expect(publishedAt(keys, moment(hour)).map(({ kid }) => kid)).toEqual(['a', 'b'])
    expect(scheduledAt(keys, moment(hour))).toMatchObject({ kid: 'b', activatesAt: moment(hour + day) })
  })

  test('rotate refuses less than 65 minutes of pre-publication without force (D7)', () => {
    expect(prePublication.floorSeconds).toBe(65 * 60)
    const soon = { now: start, activateAt: moment(65 * 60 - 1) }
    expect(rotate(signing('a'), key('b'), soon)).toEqual({ outcome: 'too_early', earliest: moment(65 * 60) })
    expect(rotate(signing('a'), key('b'), { ...soon, force: true }).outcome).toBe('changed')
    expect(rotate(signing('a'), key('b'), { ...soon, activateAt: moment(65 * 60) }).outcome).toBe('changed')
    expect(checkPrePublication(key('b'), moment(65 * 60)).outcome).toBe('soon_enough')
  })

  test('rotate ignores an earlier publication time in the new key (D7)', () => {
    const old = key('b', { publishedAt: moment(-10 * day) })
    expect(rotate(signing('a'), old, { now: start, activateAt: moment(60) }).outcome).toBe('too_early')
  })

  test('the old key stays published until every verifier rejects its last token (D8)', () => {
    expect(keepSeconds).toBeGreaterThanOrEqual(
      maxAccessTokenTtlSeconds + jwksMaxAgeSeconds + verifierLeewaySeconds,
    )
    const keys = keysOf(rotate(signing('a'), key('b'), { now: start }))
    const shows = (seconds: number) => publishedAt(keys, moment(seconds)).map(({ kid }) => kid)
    expect(shows(day + keepSeconds - 1)).toEqual(['a', 'b'])
    expect(shows(day + keepSeconds)).toEqual(['b'])
  })

  test('a removed key still verifies an old id_token_hint, but a revoked key does not (D8)', () => {
    const keys = keysOf(rotate(signing('a'), key('b'), { now: start }))
    expect(hintVerifyingAt(keys, moment(90 * day)).map(({ kid }) => kid)).toEqual(['a', 'b'])
    const revoked = keysOf(revoke(keys, 'a', moment(90 * day)))
    expect(hintVerifyingAt(revoked, moment(90 * day)).map(({ kid }) => kid)).toEqual(['b'])
  })

  test('a repeated rotate during a rotation changes nothing (D9)', () => {
    const keys = keysOf(rotate(signing('a'), key('b'), { now: start }))
    const again = rotate(keys, key('c'), { now: moment(hour) })
    expect(again).toEqual({ outcome: 'unchanged', keys, key: scheduledAt(keys, start) })
  })

  test('rotate activates a standby key at once if it was published long enough', () => {
    const keys = keysOf(addGenerated(signing('a'), key('b'), start))
    const standby = keys.find(({ kid }) => kid === 'b') ?? key('b')
    const threeDaysOn = keysOf(rotate(keys, standby, { now: moment(3 * day) }))
    expect(states(threeDaysOn, moment(3 * day))).toEqual({ a: 'retiring', b: 'active' })
  })
})

describe('activate', () => {
  const withStandby = keysOf(addGenerated(signing('a'), key('b'), start))

  test('activate refuses a standby key that was published less than 65 minutes ago, without force (D7)', () => {
    const now = moment(hour)
    expect(activate(withStandby, 'b', { now, at: now })).toEqual({
      outcome: 'too_early',
      earliest: moment(65 * 60),
    })
    const forced = keysOf(activate(withStandby, 'b', { now, at: now, force: true }))
    expect(states(forced, now)).toEqual({ a: 'retiring', b: 'active' })
  })

  test('activate treats a past moment as now', () => {
    const keys = keysOf(activate(withStandby, 'b', { now: moment(day), at: start }))
    expect(keys.find(({ kid }) => kid === 'a')?.retiresAt).toEqual(moment(day))
  })

  test('activate replaces a rotation that is in progress', () => {
    const both = keysOf(rotate(withStandby, key('c'), { now: start }))
    const keys = keysOf(activate(both, 'b', { now: moment(2 * hour), at: moment(2 * hour) }))
    expect(states(keys, moment(2 * day))).toEqual({ a: 'removed', b: 'active', c: 'pending' })
  })

  test('activate of the active key cancels a rotation', () => {
    const rotating = keysOf(rotate(signing('a'), key('b'), { now: start }))
    const keys = keysOf(activate(rotating, 'a', { now: moment(hour), at: moment(hour) }))
    expect(states(keys, moment(30 * day))).toEqual({ a: 'active', b: 'pending' })
  })

  test('a repeated activate changes nothing (D9)', () => {
    const at = { now: moment(hour), at: moment(2 * hour) }
    const keys = keysOf(activate(withStandby, 'b', at))
    expect(activate(keys, 'b', at).outcome).toBe('unchanged')
    expect(activate(keys, 'b', { now: moment(3 * hour), at: moment(3 * hour) }).outcome).toBe('unchanged')
  })

  test('activate accepts a retiring key, and refuses a removed, revoked or unknown one', () => {
    const keys = keysOf(activate(withStandby, 'b', { now: moment(day), at: moment(day) }))
    const back = keysOf(activate(keys, 'a', { now: moment(day + 60), at: moment(day + 60) }))
    expect(states(back, moment(30 * day))).toEqual({ a: 'active', b: 'removed' })
    const late = { now: moment(3 * day), at: moment(3 * day) }
    expect(activate(keys, 'a', late)).toEqual({ outcome: 'unusable', state: 'removed' })
    const revoked = keysOf(revoke(keys, 'a', moment(day)))
    expect(activate(revoked, 'a', late)).toEqual({ outcome: 'unusable', state: 'revoked' })
    expect(activate(keys, 'unknown', late)).toEqual({ outcome: 'unknown_key' })
  })
})

describe('addGenerated and addImported', () => {
  test('the set contains at most four published keys (J7)', () => {
    let keys = signing('a')
    for (const kid of ['b', 'c', 'd']) keys = keysOf(addGenerated(keys, key(kid), start))
    const full = { outcome: 'too_many', max: maxPublishedKeys }
    expect(addGenerated(keys, key('e'), start)).toEqual(full)
    expect(addImported(keys, key('e'), start)).toEqual(full)
    expect(rotate(keys, key('e'), { now: start })).toEqual(full)
  })

  test('a full set says when the next key leaves it (J7)', () => {
    let keys = signing('a')
    for (const [index, kid] of ['b', 'c', 'd'].entries())
      keys = keysOf(rotate(keys, key(kid), { now: moment(index), activateAt: moment(index), force: true }))
    const nextRemovalAt = moment(keepSeconds)
    const full = rotate(keys, key('e'), { now: moment(3), activateAt: moment(3), force: true })
    expect(full).toEqual({ outcome: 'too_many', max: maxPublishedKeys, nextRemovalAt })
    const then = { now: nextRemovalAt, activateAt: nextRemovalAt, force: true }
    expect(rotate(keys, key('e'), then).outcome).toBe('changed')
  })

  test('a kid is not added twice, and a revoked kid is not added again (D5)', () => {
    const keys = keysOf(addImported(signing('a'), key('b'), start))
    expect(addImported(keys, key('b'), start).outcome).toBe('unchanged')
    const revoked = keysOf(revoke(keys, 'b', start))
    expect(addImported(revoked, key('b'), start)).toEqual({ outcome: 'unusable', state: 'revoked' })
  })
})

describe('revoke', () => {
  const withStandby = keysOf(addGenerated(signing('a'), key('b'), start))

  test('revoke activates a published standby key at once and removes the revoked key from the JWKS (D11)', () => {
    const change = revoke(withStandby, 'a', moment(60), key('new'))
    expect(change).toMatchObject({ outcome: 'changed', key: { kid: 'a' }, successor: { kid: 'b' } })
    expect(signingKeyAt(keysOf(change), moment(60))?.kid).toBe('b')
    expect(publishedAt(keysOf(change), moment(60)).map(({ kid }) => kid)).toEqual(['b'])
  })

  test('revoke prefers a scheduled key over other standby keys', () => {
    const keys = keysOf(rotate(withStandby, key('c'), { now: start }))
    expect(revoke(keys, 'a', moment(60))).toMatchObject({ successor: { kid: 'c', activatesAt: moment(60) } })
  })

  test('revoke without a standby key activates the new key, or changes nothing if there is no new key', () => {
    expect(revoke(signing('a'), 'a', moment(60))).toEqual({ outcome: 'no_standby' })
    const keys = keysOf(revoke(signing('a'), 'a', moment(60), key('new')))
    expect(states(keys, moment(60))).toEqual({ a: 'revoked', new: 'active' })
  })

  test('revoke of the scheduled key keeps the active key signing past the scheduled time', () => {
    const rotating = keysOf(rotate(signing('a'), key('b'), { now: start }))
    const keys = keysOf(revoke(rotating, 'b', moment(hour)))
    expect(states(keys, moment(30 * day))).toEqual({ a: 'active', b: 'revoked' })
  })

  test('revoke of a retiring key does not change other keys', () => {
    const rotating = keysOf(rotate(signing('a'), key('b'), { now: start }))
    const keys = keysOf(revoke(rotating, 'a', moment(day)))
    expect(states(keys, moment(day))).toEqual({ a: 'revoked', b: 'active' })
  })

  test('a repeated revoke changes nothing (D9)', () => {
    const keys = keysOf(revoke(withStandby, 'a', moment(60)))
    expect(revoke(keys, 'a', moment(120))).toMatchObject({
      outcome: 'unchanged',
      key: { revokedAt: moment(60) },
    })
    expect(revoke(keys, 'unknown', moment(120))).toEqual({ outcome: 'unknown_key' })
  })
})

describe('random sequences of commands', () => {
  const command = fc.record({
    verb: fc.constantFrom('generate', 'import', 'rotate', 'activate', 'revoke'),
    kid: fc.nat({ max: 12 }),
    wait: fc.constantFrom(0, 1, 60, hour, 2 * hour, day, 3 * day),
    ahead: fc.constantFrom(-60, 0, hour, 2 * hour, 2 * day),
    force: fc.boolean(),
  })

  test('any sequence of commands leaves one active key, at most four published keys, and none activated too early (D6, D7, J7)', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
        let now = start
        let keys = signing('k-first')
        let forced = false
        commands.forEach(({ verb, kid, wait, ahead, force }, index) => {
          now = secondsAfter(now, wait)
          const target = keys[kid % keys.length]?.kid ?? ''
          const fresh = key(`k-${index}`, { createdAt: now })
          const at = secondsAfter(now, ahead)
          const change =
            verb === 'generate'
              ? addGenerated(keys, fresh, now)
              : verb === 'import'
                ? addImported(keys, fresh, now)
                : verb === 'rotate'
                  ? rotate(keys, fresh, { now, activateAt: at, force })
                  : verb === 'activate'
                    ? activate(keys, target, { now, at, force })
                    : revoke(keys, target, now, fresh)
          if (change.outcome === 'changed') {
            forced ||= force || verb === 'revoke'
            keys = change.keys
          }
          for (const later of [0, 1, hour, 2 * hour, day, 2 * day, 40 * day]) {
            const then = secondsAfter(now, later)
            expect(keys.filter((key) => stateAt(key, then) === 'active')).toHaveLength(1)
            expect(publishedAt(keys, then).length).toBeLessThanOrEqual(maxPublishedKeys)
          }
          expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
          if (!forced)
            for (const { kid, activatesAt, publishedAt } of keys)
              if (activatesAt !== undefined && kid !== 'k-first')
                expect(activatesAt.getTime() - publishedAt.getTime()).toBeGreaterThanOrEqual(3900_000)
        })
      }),
      { numRuns: 300 },
    )
  })
})

describe('jwks', () => {
  const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
  const lives: [string, Partial<SigningKey>][] = [
    ['pending', {}],
    ['active', { activatesAt: start }],
    ['retiring', { activatesAt: start, retiresAt: moment(1), removedAt: moment(100) }],
    ['removed', { activatesAt: start, retiresAt: moment(1), removedAt: moment(2) }],
    ['revoked', { activatesAt: start, revokedAt: moment(1) }],
  ]

  test.each(lives)(
    'the JWKS shows no private member of a key that is %s, even if its record contains one (D4)',
    (state, times) => {
      const tainted = {
        ...key('a', times),
        publicJwk: Object.assign(
          { kty: 'RSA' as const, n: 'modulus', e: 'AQAB' },
          ...secretMembers.map((member) => ({ [member]: 'secret' })),
        ),
      }
      expect(stateAt(tainted, moment(10))).toBe(state)
      const { body } = jwks(publishedAt([tainted], moment(10)))
      expect(body).not.toContain('secret')
      expect(body).not.toContain('v1.sealed')
      for (const shown of JSON.parse(body).keys)
        expect(Object.keys(shown).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
    },
  )

  test('every key in the JWKS is an RSA key with kid, use and alg (D5, D14)', () => {
    expect(JSON.parse(jwks([key('a'), key('b')]).body).keys).toEqual([
      { kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'a', n: 'n-of-a', e: 'AQAB' },
      { kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'b', n: 'n-of-b', e: 'AQAB' },
    ])
  })

  test('the ETag of the JWKS is strong and depends on the body (D12)', () => {
    expect(jwks([key('a')]).etag).toMatch(/^"[A-Za-z0-9_-]{43}"$/)
    expect(jwks([key('a')])).toEqual(jwks([key('a')]))
    expect(jwks([key('a')]).etag).not.toBe(jwks([key('b')]).etag)
  })
})

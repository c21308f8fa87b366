import { expect, test } from 'vitest'
import { findRevocation, type Revocation } from '../../src/revocation/blacklist.ts'
import { randomToken } from '../../src/secrets.ts'
import { concurrently, onExpiringBackends } from './expiring-backends.ts'
import { at } from './records.ts'

const aRevocation = (facts: Partial<Revocation> = {}): Revocation => ({
  kind: 'jti',
  value: randomToken(16),
  revokedAt: at(0),
  expiresAt: at(660),
  ...facts,
})

onExpiringBackends('blacklist', ({ store, instances }) => {
  const added = async (facts: Partial<Revocation> = {}): Promise<Revocation> => {
    const revocation = aRevocation(facts)
    await store().add(revocation)
    return revocation
  }

  /** The entry with that name, if it has not expired. */
  const found = async ({ kind, value }: Revocation, seconds = 1) =>
    (await store().find([{ kind, value }], at(seconds)))[0]

  test('a blacklist search for several names returns only the revoked ones, and absent members stay absent', async () => {
    const plain = await added({ kind: 'kid', value: 'a:b {c} d' })
    const withCutoff = await added({ kind: 'sub', cutoff: at(-0.123) })
    const other = aRevocation()
    const answer = await store().find([other, withCutoff, plain], at(1))
    expect(answer).toHaveLength(2)
    expect(answer).toEqual(expect.arrayContaining([plain, withCutoff]))
    expect(answer.find(({ kind }) => kind === 'kid')).not.toHaveProperty('cutoff')
    expect(await store().find([], at(1))).toStrictEqual([])
  })

  test('a blacklist entry does not match the same value of another kind', async () => {
    const { value } = await added({ kind: 'sid' })
    expect(await store().find([{ kind: 'sub', value }], at(1))).toStrictEqual([])
  })

  test('a blacklist entry is found before its expiry, and not at its expiry or later', async () => {
    const entry = await added({ expiresAt: at(100) })
    expect(await found(entry, 99.999)).toStrictEqual(entry)
    expect(await found(entry, 100)).toBeUndefined()
    expect((await store().list(at(99.999))).map(({ value }) => value)).toContain(entry.value)
    expect((await store().list(at(100))).map(({ value }) => value)).not.toContain(entry.value)
  })

  test('50 concurrent revocations of the same token leave one unchanged entry', async () => {
    const entry = await added()
    await concurrently(50, instances(), (blacklist) => blacklist.add(entry))
    expect(await found(entry)).toStrictEqual(entry)
    expect((await store().list(at(1))).filter(({ value }) => value === entry.value)).toHaveLength(1)
  })

  test('a blacklist entry keeps the later cut-off and the later expiry, in either order of arrival', async () => {
    const [early, late] = [at(10), at(20)]
    for (const [first, second] of [
      [early, late],
      [late, early],
    ]) {
      if (first === undefined || second === undefined) throw new Error('The test needs two moments.')
      const entry = await added({ kind: 'sub', cutoff: first, expiresAt: first })
      await added({ ...entry, cutoff: second, expiresAt: second })
      expect(await found(entry)).toMatchObject({ cutoff: late, expiresAt: late })
    }
  })

  test('a blacklist entry keeps the latest of 50 concurrent cut-offs', async () => {
    const entry = await added({ kind: 'sub', cutoff: at(0) })
    await concurrently(50, instances(), (blacklist, second) =>
      blacklist.add({ ...entry, cutoff: at(second), expiresAt: at(1000 + second) }),
    )
    expect(await found(entry)).toMatchObject({ cutoff: at(49), expiresAt: at(1049) })
  })

  test('a blacklist entry without a cut-off replaces one with a cut-off, and is not replaced by it', async () => {
    const { cutoff, ...every } = aRevocation({ kind: 'client_id', cutoff: at(5) })
    const upTo = { ...every, value: randomToken(16), cutoff: at(5) }
    await store().add(every)
    await store().add({ ...every, cutoff: at(5) })
    await store().add(upTo)
    await store().add({ ...every, value: upTo.value })
    expect(await found(every)).not.toHaveProperty('cutoff')
    expect(await found(upTo)).not.toHaveProperty('cutoff')
  })

  test('the blacklist lists every entry that has not expired, oldest first', async () => {
    const entries: Revocation[] = []
    for (const second of [3, 1, 2])
      entries.push(await added({ revokedAt: at(second), expiresAt: at(600 + second) }))
    const [third, first, second] = entries
    const listed = await store().list(at(10))
    expect(listed.filter((entry) => entries.some(({ value }) => value === entry.value))).toStrictEqual([
      first,
      second,
      third,
    ])
  })

  test('a list of the blacklist since a moment has every entry that was added or changed at that moment or later', async () => {
    const old = await added({ revokedAt: at(100), expiresAt: at(900) })
    const again = await added({ kind: 'sub', cutoff: at(100), revokedAt: at(100), expiresAt: at(900) })
    const fresh = await added({ revokedAt: at(200), expiresAt: at(900) })
    const brief = await added({ revokedAt: at(201), expiresAt: at(205) })
    const stronger = { ...again, cutoff: at(210), revokedAt: at(210) }
    await store().add(stronger)
    const since = async (seconds: number) =>
      (await store().list(at(205), at(seconds))).filter(({ value }) =>
        [old, again, fresh, brief].some((entry) => entry.value === value),
      )
    expect(await since(100)).toStrictEqual([old, fresh, stronger])
    expect(await since(200)).toStrictEqual([fresh, stronger])
    expect(await since(200.001)).toStrictEqual([stronger])
    expect(await since(211)).toStrictEqual([])
  })

  test('a list of the blacklist since a moment has each concurrent revocation of that moment or later once', async () => {
    const values = Array.from({ length: 50 }, () => randomToken(16))
    await concurrently(50, instances(), (blacklist, number) =>
      blacklist.add(
        aRevocation({ value: values[number] ?? '', revokedAt: at(300 + number), expiresAt: at(1000) }),
      ),
    )
    const listed = (await store().list(at(400), at(310))).map(({ value }) => value)
    expect(listed.filter((value) => values.includes(value))).toStrictEqual(values.slice(10))
  })

  test('a new blacklist entry does not remove another entry that has not expired', async () => {
    const kept = await added({ kind: 'kid', expiresAt: at(365 * 86_400) })
    for (const day of [1, 2, 3])
      await added({ revokedAt: at(day * 86_400), expiresAt: at(day * 86_400 + 600) })
    expect(await found(kept, 3 * 86_400)).toStrictEqual(kept)
    expect((await store().list(at(3 * 86_400))).map(({ value }) => value)).toContain(kept.value)
  })

  test('an access token is revoked by a cut-off in the second of its `iat`, and not by an earlier one', async () => {
    const iat = Math.floor(at(0).getTime() / 1000)
    const token = {
      jti: randomToken(16),
      sid: randomToken(16),
      sub: randomToken(16),
      client_id: 'web',
      kid: 'k',
      iat,
    }
    expect(await findRevocation(store(), token, at(1))).toBeUndefined()
    await added({ kind: 'sub', value: token.sub, cutoff: at(-1) })
    expect(await findRevocation(store(), token, at(1))).toBeUndefined()
    await added({ kind: 'sub', value: token.sub, cutoff: at(0) })
    expect(await findRevocation(store(), token, at(1))).toMatchObject({ kind: 'sub' })
  })
})

import { expect, test } from 'vitest'
import type { Family } from '../../src/sessions/family.ts'
import { concurrently, onExpiringBackends } from './expiring-backends.ts'
import { aFamily, at, presenting } from './records.ts'

onExpiringBackends('refreshTokens', ({ store, instances }) => {
  const started = async (facts: Partial<Family> = {}): Promise<Family> => {
    const family = aFamily(facts)
    await store().start(family)
    return family
  }

  test('a family is returned with the client, user, session, scope, resource and times it was stored with (C7)', async () => {
    const plain = await started()
    const full = await started({
      startedBy: 'password',
      scope: [],
      resource: ['https://api.example.com/', 'urn:한글'],
      amr: ['pwd', 'otp'],
      generation: 7,
      rotationNetwork: 'n',
      rotationUserAgent: 'u',
      replays: 12,
      replayedGeneration: 0,
      replayRun: 3,
      revokedAt: at(1),
    })
    expect(await store().find(plain.id)).toStrictEqual(plain)
    expect(await store().find(full.id)).toStrictEqual(full)
  })

  test('an unknown family is not found, cannot be revoked, and every refresh answers `gone`', async () => {
    const { id } = aFamily()
    expect(await store().find(id)).toBeUndefined()
    expect(await store().rotate(id, presenting(0, 1))).toBe('gone')
    expect(await store().acceptCurrent(id, presenting(0, 1))).toBe('gone')
    expect(await store().revoke(id, at(1))).toBe(false)
    expect(await store().find(id)).toBeUndefined()
  })

  test('exactly one of 100 concurrent rotations succeeds, and the others are counted replays (C1, C15)', async () => {
    const family = await started()
    const answers = await concurrently(100, instances(), (tokens) =>
      tokens.rotate(family.id, presenting(0, 1)),
    )
    expect(answers.filter((answer) => answer === 'rotated')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'replayed')).toHaveLength(99)
    expect(await store().find(family.id)).toMatchObject({ generation: 1, rotatedAt: at(1), replays: 99 })
  })

  test('one of 100 concurrent rotations without a grace succeeds, and the others revoke the family (C1)', async () => {
    const family = await started()
    const answers = await concurrently(100, instances(), (tokens) =>
      tokens.rotate(family.id, presenting(0, 1, { graceSeconds: 0 })),
    )
    expect(answers.filter((answer) => answer === 'rotated')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'reused')).toHaveLength(99)
    expect(await store().find(family.id)).toMatchObject({ generation: 1, revokedAt: at(1) })
  })

  test('a rotation changes the generation, its time and sender and the idle expiry, and nothing else', async () => {
    const family = await started({ idleExpiresAt: at(100) })
    expect(await store().rotate(family.id, presenting(0, 50))).toBe('rotated')
    expect(await store().find(family.id)).toStrictEqual({
      ...family,
      generation: 1,
      rotatedAt: at(50),
      rotationNetwork: 'net',
      rotationUserAgent: 'ua',
      idleExpiresAt: at(50 + 604_800),
    })
  })

  test('a family can rotate more than nine times', async () => {
    const family = await started()
    for (let generation = 0; generation < 12; generation += 1)
      expect(await store().rotate(family.id, presenting(generation, generation))).toBe('rotated')
    expect(await store().find(family.id)).toMatchObject({ generation: 12 })
  })

  test('a replay within the grace is counted and changes nothing else, however often it is repeated (C3, C15)', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    const before = await store().find(family.id)
    expect(await store().rotate(family.id, presenting(0, 29.999))).toBe('replayed')
    expect(await store().rotate(family.id, presenting(0, 29.999))).toBe('replayed')
    const counts = { replays: 2, replayedGeneration: 0, replayRun: 1 }
    expect(await store().find(family.id)).toStrictEqual({ ...before, ...counts })
    expect(await store().rotate(family.id, presenting(1, 30))).toBe('rotated')
  })

  test('a token counts as reused from the end of the grace on, and only the previous generation has a grace (C3)', async () => {
    const [late, old] = [await started(), await started()]
    await store().rotate(late.id, presenting(0, 10))
    expect(await store().rotate(late.id, presenting(0, 30))).toBe('reused')
    await store().rotate(old.id, presenting(0, 10))
    await store().rotate(old.id, presenting(1, 11))
    expect(await store().rotate(old.id, presenting(0, 12))).toBe('reused')
  })

  test('a replay within the grace may have another network or another user agent (C14)', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    expect(await store().rotate(family.id, presenting(0, 11, { network: 'other' }))).toBe('replayed')
    expect(await store().rotate(family.id, presenting(0, 12, { userAgent: 'other' }))).toBe('replayed')
    expect(await store().find(family.id)).not.toHaveProperty('revokedAt')
  })

  test('a replay with another network and another user agent is reuse, also after it has revoked the family (C14)', async () => {
    const family = await started()
    const elsewhere = { network: 'other', userAgent: 'other' }
    await store().rotate(family.id, presenting(0, 10))
    expect(await store().rotate(family.id, presenting(0, 11, elsewhere))).toBe('reused_elsewhere')
    expect(await store().rotate(family.id, presenting(0, 12, elsewhere))).toBe('reused_elsewhere')
    expect(await store().rotate(family.id, presenting(0, 13))).toBe('gone')
    expect(await store().rotate(family.id, presenting(1, 13))).toBe('gone')
    expect(await store().find(family.id)).toMatchObject({ generation: 1, revokedAt: at(11) })
  })

  test('a replay is compared with the last rotation, and a rotation may come from anywhere (C14)', async () => {
    const family = await started()
    const elsewhere = { network: 'other', userAgent: 'other' }
    await store().rotate(family.id, presenting(0, 10))
    expect(await store().rotate(family.id, presenting(1, 11, elsewhere))).toBe('rotated')
    expect(await store().rotate(family.id, presenting(1, 12, elsewhere))).toBe('replayed')
    expect(await store().rotate(family.id, presenting(1, 12))).toBe('reused_elsewhere')
  })

  test('a replay is accepted if the store does not know the sender of the rotation', async () => {
    const family = await started({ generation: 3, rotatedAt: at(10) })
    expect(await store().rotate(family.id, presenting(2, 11))).toBe('replayed')
  })

  test('exactly one of two senders wins a race of 100 rotations, and the other one revokes the family (C1, C14)', async () => {
    const family = await started()
    let calls = 0
    const answers = await concurrently(100, instances(), async (tokens) => {
      const sender = calls++ % 2 === 0 ? {} : { network: 'other', userAgent: 'other' }
      return tokens.rotate(family.id, presenting(0, 1, sender))
    })
    expect(answers.filter((answer) => answer === 'rotated')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'reused_elsewhere')).toHaveLength(50)
    expect(await store().find(family.id)).toMatchObject({ generation: 1, revokedAt: at(1) })
  })

  /** Rotates from this generation, and replays it at once. */
  const race = async (family: Family, generation: number): Promise<string> => {
    expect(await store().rotate(family.id, presenting(generation, generation))).toBe('rotated')
    return store().rotate(family.id, presenting(generation, generation))
  }

  test('the replay of a fifth generation in a row is reported once in the life of a family (C15)', async () => {
    const family = await started()
    const answers = []
    for (let generation = 0; generation < 12; generation += 1) answers.push(await race(family, generation))
    await store().rotate(family.id, presenting(12, 12))
    for (let generation = 13; generation < 20; generation += 1) answers.push(await race(family, generation))
    expect(answers[4]).toBe('replayed_repeatedly')
    expect(answers.filter((answer) => answer !== 'replayed')).toEqual(['replayed_repeatedly'])
    expect(await store().find(family.id)).toMatchObject({ replays: 19, replayRun: 5 })
  })

  test('several replays of one generation count as one in the run of replayed generations (C15)', async () => {
    const family = await started()
    const answers = []
    for (let generation = 0; generation < 5; generation += 1) {
      answers.push(await race(family, generation))
      answers.push(await store().rotate(family.id, presenting(generation, generation)))
    }
    expect(answers.indexOf('replayed_repeatedly')).toBe(8)
    expect(await store().find(family.id)).toMatchObject({ replays: 10, replayRun: 5 })
  })

  test('a generation without a replay starts the run of replayed generations again (C15)', async () => {
    const family = await started()
    for (let generation = 0; generation < 20; generation += 1)
      if (generation % 5 < 4) expect(await race(family, generation)).toBe('replayed')
      else expect(await store().rotate(family.id, presenting(generation, generation))).toBe('rotated')
    expect(await store().find(family.id)).toMatchObject({ replays: 16, replayRun: 4 })
  })

  test('exactly one of 100 concurrent replays of a fifth generation reports it (C15)', async () => {
    const family = await started()
    for (let generation = 0; generation < 4; generation += 1) await race(family, generation)
    await store().rotate(family.id, presenting(4, 4))
    const answers = await concurrently(100, instances(), (tokens) =>
      tokens.rotate(family.id, presenting(4, 5)),
    )
    expect(answers.filter((answer) => answer === 'replayed_repeatedly')).toHaveLength(1)
    expect(await store().find(family.id)).toMatchObject({ replays: 104, replayRun: 5 })
  })

  test('reuse revokes the family, and its newest token is rejected (C2)', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    expect(await store().rotate(family.id, presenting(0, 3600))).toBe('reused')
    expect(await store().rotate(family.id, presenting(1, 3601))).toBe('gone')
    expect(await store().rotate(family.id, presenting(0, 3602))).toBe('reused')
    expect(await store().revoke(family.id, at(3603))).toBe(false)
    expect(await store().find(family.id)).toMatchObject({ generation: 1, revokedAt: at(3600) })
  })

  test('a generation that was used weeks and many rotations ago is recognized as reuse (C8)', async () => {
    const family = await started()
    for (let day = 1; day <= 28; day += 1) await store().rotate(family.id, presenting(day - 1, day * 86_400))
    expect(await store().rotate(family.id, presenting(0, 29 * 86_400))).toBe('reused')
    expect(await store().rotate(family.id, presenting(28, 29 * 86_400))).toBe('gone')
  })

  test('a generation ahead of the store is not reuse and changes nothing (C11)', async () => {
    const family = await started({ generation: 3 })
    expect(await store().rotate(family.id, presenting(4, 1))).toBe('ahead')
    expect(await store().acceptCurrent(family.id, presenting(9_999_999_999, 1))).toBe('ahead')
    expect(await store().find(family.id)).toStrictEqual(family)
  })

  test('a rotation never changes the absolute expiry, and never moves the idle expiry past it (C5)', async () => {
    const family = await started({ expiresAt: at(1000), idleExpiresAt: at(600) })
    expect(await store().rotate(family.id, presenting(0, 500))).toBe('rotated')
    expect(await store().find(family.id)).toMatchObject({ expiresAt: at(1000), idleExpiresAt: at(1000) })
    expect(await store().acceptCurrent(family.id, presenting(1, 700))).toBe('accepted')
    expect(await store().find(family.id)).toMatchObject({ expiresAt: at(1000), idleExpiresAt: at(1000) })
    expect(await store().rotate(family.id, presenting(1, 999.999))).toBe('rotated')
    expect(await store().rotate(family.id, presenting(2, 1000))).toBe('gone')
  })

  test('a refresh answers `gone` from the idle expiry on, but the family is still found (C6)', async () => {
    const family = await started({ idleExpiresAt: at(100) })
    expect(await store().rotate(family.id, presenting(0, 100))).toBe('gone')
    expect(await store().acceptCurrent(family.id, presenting(0, 100))).toBe('gone')
    expect(await store().find(family.id)).toStrictEqual(family)
    expect(await store().rotate(family.id, presenting(0, 99.999))).toBe('rotated')
  })

  test('a refresh without rotation keeps the generation and only extends the idle expiry (C4)', async () => {
    const family = await started()
    expect(await store().acceptCurrent(family.id, presenting(0, 60))).toBe('accepted')
    expect(await store().acceptCurrent(family.id, presenting(0, 60))).toBe('accepted')
    expect(await store().find(family.id)).toStrictEqual({ ...family, idleExpiresAt: at(60 + 604_800) })
  })

  test('a refresh without rotation treats an older generation as reuse, even within the grace (C4)', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    expect(await store().acceptCurrent(family.id, presenting(0, 11))).toBe('reused')
    expect(await store().find(family.id)).toMatchObject({ revokedAt: at(11) })
    expect(await store().acceptCurrent(family.id, presenting(1, 12))).toBe('gone')
  })

  test('a token rotated by an instance whose clock is ahead is replayed or accepted, not reused', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    expect(await store().rotate(family.id, presenting(0, 9, { graceSeconds: 0 }))).toBe('replayed')
    expect(await store().acceptCurrent(family.id, presenting(0, 9, { graceSeconds: 0 }))).toBe('accepted')
    expect(await store().find(family.id)).not.toHaveProperty('revokedAt')
  })

  test('exactly one of 100 concurrent revocations of a family succeeds (C13)', async () => {
    const family = await started()
    const answers = await concurrently(100, instances(), (tokens) => tokens.revoke(family.id, at(5)))
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await store().find(family.id)).toStrictEqual({ ...family, revokedAt: at(5) })
    expect(await store().rotate(family.id, presenting(0, 6))).toBe('gone')
    expect(await store().acceptCurrent(family.id, presenting(0, 6))).toBe('gone')
    expect(await store().revoke(family.id, at(7))).toBe(false)
  })

  test('a replay within the grace is rejected after the family is revoked', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    await store().revoke(family.id, at(11))
    expect(await store().rotate(family.id, presenting(0, 12))).toBe('gone')
  })
})

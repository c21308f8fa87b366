import { expect, test } from 'vitest'
import type { Family } from '../../src/sessions/family.ts'
import { concurrently, onEveryStore } from './expiring-backends.ts'
import { aFamily, at, presenting } from './records.ts'

onEveryStore('refreshTokens', ({ store, instances }) => {
  const started = async (facts: Partial<Family> = {}): Promise<Family> => {
    const family = aFamily(facts)
    await store().start(family)
    return family
  }

  test('a family comes back with client, user, session, scope, resource and times as it was (C7)', async () => {
    const plain = await started()
    const full = await started({
      startedBy: 'password',
      scope: [],
      resource: ['https://api.example.com/', 'urn:한글'],
      amr: ['pwd', 'otp'],
      generation: 7,
      revokedAt: at(1),
    })
    expect(await store().find(plain.id)).toStrictEqual(plain)
    expect(await store().find(full.id)).toStrictEqual(full)
  })

  test('an unknown family is not found and gone for every call', async () => {
    const { id } = aFamily()
    expect(await store().find(id)).toBeUndefined()
    expect(await store().rotate(id, presenting(0, 1))).toBe('gone')
    expect(await store().acceptCurrent(id, presenting(0, 1))).toBe('gone')
    expect(await store().revoke(id, at(1))).toBe(false)
    expect(await store().find(id)).toBeUndefined()
  })

  test('of 100 concurrent rotations exactly one wins (C1)', async () => {
    const family = await started()
    const answers = await concurrently(100, instances(), (tokens) =>
      tokens.rotate(family.id, presenting(0, 1)),
    )
    expect(answers.filter((answer) => answer === 'rotated')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'replayed')).toHaveLength(99)
    expect(await store().find(family.id)).toMatchObject({ generation: 1, rotatedAt: at(1) })
  })

  test('without a grace the other 99 revoke the family (C1)', async () => {
    const family = await started()
    const answers = await concurrently(100, instances(), (tokens) =>
      tokens.rotate(family.id, presenting(0, 1, { graceSeconds: 0 })),
    )
    expect(answers.filter((answer) => answer === 'rotated')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'reused')).toHaveLength(99)
    expect(await store().find(family.id)).toMatchObject({ generation: 1, revokedAt: at(1) })
  })

  test('a rotation moves the generation, its time and the idle expiry, and nothing else', async () => {
    const family = await started({ idleExpiresAt: at(100) })
    expect(await store().rotate(family.id, presenting(0, 50))).toBe('rotated')
    expect(await store().find(family.id)).toStrictEqual({
      ...family,
      generation: 1,
      rotatedAt: at(50),
      idleExpiresAt: at(50 + 604_800),
    })
  })

  test('generations count on past nine', async () => {
    const family = await started()
    for (let generation = 0; generation < 12; generation += 1)
      expect(await store().rotate(family.id, presenting(generation, generation))).toBe('rotated')
    expect(await store().find(family.id)).toMatchObject({ generation: 12 })
  })

  test('a replay inside the grace changes nothing, as often as it comes (C3)', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    const before = await store().find(family.id)
    expect(await store().rotate(family.id, presenting(0, 29.999))).toBe('replayed')
    expect(await store().rotate(family.id, presenting(0, 29.999))).toBe('replayed')
    expect(await store().find(family.id)).toStrictEqual(before)
    expect(await store().rotate(family.id, presenting(1, 30))).toBe('rotated')
  })

  test('the grace ends on time, and only the predecessor has one (C3)', async () => {
    const [late, old] = [await started(), await started()]
    await store().rotate(late.id, presenting(0, 10))
    expect(await store().rotate(late.id, presenting(0, 30))).toBe('reused')
    await store().rotate(old.id, presenting(0, 10))
    await store().rotate(old.id, presenting(1, 11))
    expect(await store().rotate(old.id, presenting(0, 12))).toBe('reused')
  })

  test('reuse revokes the family, and its newest token is worth nothing (C2)', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    expect(await store().rotate(family.id, presenting(0, 3600))).toBe('reused')
    expect(await store().rotate(family.id, presenting(1, 3601))).toBe('gone')
    expect(await store().rotate(family.id, presenting(0, 3602))).toBe('reused')
    expect(await store().revoke(family.id, at(3603))).toBe(false)
    expect(await store().find(family.id)).toMatchObject({ generation: 1, revokedAt: at(3600) })
  })

  test('a generation used weeks and many rotations ago is still known as reuse (C8)', async () => {
    const family = await started()
    for (let day = 1; day <= 28; day += 1) await store().rotate(family.id, presenting(day - 1, day * 86_400))
    expect(await store().rotate(family.id, presenting(0, 29 * 86_400))).toBe('reused')
    expect(await store().rotate(family.id, presenting(28, 29 * 86_400))).toBe('gone')
  })

  test('a generation ahead of the store is no theft and changes nothing (C11)', async () => {
    const family = await started({ generation: 3 })
    expect(await store().rotate(family.id, presenting(4, 1))).toBe('ahead')
    expect(await store().acceptCurrent(family.id, presenting(9_999_999_999, 1))).toBe('ahead')
    expect(await store().find(family.id)).toStrictEqual(family)
  })

  test('rotation never moves the absolute expiry, nor the idle expiry past it (C5)', async () => {
    const family = await started({ expiresAt: at(1000), idleExpiresAt: at(600) })
    expect(await store().rotate(family.id, presenting(0, 500))).toBe('rotated')
    expect(await store().find(family.id)).toMatchObject({ expiresAt: at(1000), idleExpiresAt: at(1000) })
    expect(await store().acceptCurrent(family.id, presenting(1, 700))).toBe('accepted')
    expect(await store().find(family.id)).toMatchObject({ expiresAt: at(1000), idleExpiresAt: at(1000) })
    expect(await store().rotate(family.id, presenting(1, 999.999))).toBe('rotated')
    expect(await store().rotate(family.id, presenting(2, 1000))).toBe('gone')
  })

  test('an idle family is gone at its idle expiry, and still found (C6)', async () => {
    const family = await started({ idleExpiresAt: at(100) })
    expect(await store().rotate(family.id, presenting(0, 100))).toBe('gone')
    expect(await store().acceptCurrent(family.id, presenting(0, 100))).toBe('gone')
    expect(await store().find(family.id)).toStrictEqual(family)
    expect(await store().rotate(family.id, presenting(0, 99.999))).toBe('rotated')
  })

  test('without rotation the generation stays and only the idle expiry slides (C4)', async () => {
    const family = await started()
    expect(await store().acceptCurrent(family.id, presenting(0, 60))).toBe('accepted')
    expect(await store().acceptCurrent(family.id, presenting(0, 60))).toBe('accepted')
    expect(await store().find(family.id)).toStrictEqual({ ...family, idleExpiresAt: at(60 + 604_800) })
  })

  test('without rotation an older generation is reuse, grace or not (C4)', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    expect(await store().acceptCurrent(family.id, presenting(0, 11))).toBe('reused')
    expect(await store().find(family.id)).toMatchObject({ revokedAt: at(11) })
    expect(await store().acceptCurrent(family.id, presenting(1, 12))).toBe('gone')
  })

  test('clocks that disagree: a token that a faster instance has just rotated is replayed or kept', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    expect(await store().rotate(family.id, presenting(0, 9, { graceSeconds: 0 }))).toBe('replayed')
    expect(await store().acceptCurrent(family.id, presenting(0, 9, { graceSeconds: 0 }))).toBe('accepted')
    expect(await store().find(family.id)).not.toHaveProperty('revokedAt')
  })

  test('revoking is one write that happens once (C13)', async () => {
    const family = await started()
    const answers = await concurrently(100, instances(), (tokens) => tokens.revoke(family.id, at(5)))
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await store().find(family.id)).toStrictEqual({ ...family, revokedAt: at(5) })
    expect(await store().rotate(family.id, presenting(0, 6))).toBe('gone')
    expect(await store().acceptCurrent(family.id, presenting(0, 6))).toBe('gone')
    expect(await store().revoke(family.id, at(7))).toBe(false)
  })

  test('a replay after revocation gets nothing', async () => {
    const family = await started()
    await store().rotate(family.id, presenting(0, 10))
    await store().revoke(family.id, at(11))
    expect(await store().rotate(family.id, presenting(0, 12))).toBe('gone')
  })
})

import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { concurrently, onExpiringBackends } from './expiring-backends.ts'
import { at } from './records.ts'

const policy = { free: 3, baseDelaySeconds: 2, maxDelaySeconds: 10, forgetAfterSeconds: 100 }
const allowed = { allowed: true }
const refusedUntil = (seconds: number) => ({ allowed: false, retryAt: at(seconds) })
/** A key with characters that are special in Redis keys and patterns. A client can send such a login name. */
const aKey = () => `account:{${randomToken(8)}}@예.example "*" [a-z]?`

onExpiringBackends('loginAttempts', ({ store, instances }) => {
  const attempted = async (key: string, seconds: readonly number[]) => {
    const answers = []
    for (const second of seconds) answers.push(await store().attempt(key, policy, at(second)))
    return answers
  }

  test('100 concurrent login attempts get no more than the free attempts (F4)', async () => {
    const key = aKey()
    const answers = await concurrently(100, instances(), (attempts) => attempts.attempt(key, policy, at(0)))
    expect(answers.filter((answer) => answer.allowed)).toHaveLength(policy.free)
    expect(answers.filter((answer) => !answer.allowed)).toStrictEqual(
      Array.from({ length: 100 - policy.free }, () => refusedUntil(2)),
    )
  })

  test('the delay between login attempts doubles up to its maximum, and a refused attempt does not count (F4)', async () => {
    const key = aKey()
    expect(await attempted(key, [0, 0, 0, 1.999, 2, 5, 6, 13.999, 14, 24, 33, 34])).toStrictEqual([
      allowed,
      allowed,
      allowed,
      refusedUntil(2),
      allowed,
      refusedUntil(6),
      allowed,
      refusedUntil(14),
      allowed,
      allowed,
      refusedUntil(34),
      allowed,
    ])
  })

  test('free login attempts are allowed even if an instance whose clock is behind sends an earlier time', async () => {
    const key = aKey()
    expect(await attempted(key, [10, 9.999, 0, 0])).toStrictEqual([
      allowed,
      allowed,
      allowed,
      refusedUntil(2),
    ])
  })

  test('the counter of login attempts starts again after a time without attempts, and not before', async () => {
    const [forgotten, remembered] = [aKey(), aKey()]
    await attempted(forgotten, [0, 0, 0])
    expect(await attempted(forgotten, [102, 102, 102, 102])).toStrictEqual([
      allowed,
      allowed,
      allowed,
      refusedUntil(104),
    ])
    await attempted(remembered, [0, 0, 0])
    expect(await attempted(remembered, [101.999, 102])).toStrictEqual([allowed, refusedUntil(105.999)])
  })

  test('reset sets the counter of login attempts to zero', async () => {
    const key = aKey()
    await attempted(key, [0, 0, 0])
    await store().reset(key)
    await store().reset(key)
    expect(await attempted(key, [0, 0, 0, 0])).toStrictEqual([allowed, allowed, allowed, refusedUntil(2)])
  })

  test('undo removes one login attempt and its delay, and keeps the other attempts', async () => {
    const key = aKey()
    await attempted(key, [0, 0, 0])
    await store().undo(key)
    expect(await attempted(key, [0, 0])).toStrictEqual([allowed, refusedUntil(2)])
    expect(await attempted(key, [2])).toStrictEqual([allowed])
    await store().undo(key)
    expect(await attempted(key, [2, 2])).toStrictEqual([allowed, refusedUntil(6)])
  })

  test('undo never sets the counter of login attempts below zero', async () => {
    const key = aKey()
    await store().undo(key)
    await attempted(key, [0])
    for (const _ of [1, 2, 3]) await store().undo(key)
    expect(await attempted(key, [0, 0, 0, 0])).toStrictEqual([allowed, allowed, allowed, refusedUntil(2)])
  })

  test('100 concurrent login attempts and then 100 concurrent undos leave the counter at zero', async () => {
    const key = aKey()
    const many = { ...policy, free: 1000 }
    await concurrently(100, instances(), (attempts) => attempts.attempt(key, many, at(0)))
    await concurrently(100, instances(), (attempts) => attempts.undo(key))
    expect(await attempted(key, [0, 0, 0, 0])).toStrictEqual([allowed, allowed, allowed, refusedUntil(2)])
  })

  test('the time of the next allowed login attempt is exact to the millisecond', async () => {
    const key = aKey()
    const slow = { free: 0, baseDelaySeconds: 1, maxDelaySeconds: 315_360_000, forgetAfterSeconds: 0.001 }
    expect(await store().attempt(key, slow, at(0))).toStrictEqual(allowed)
    expect(await store().attempt(key, slow, at(1.999))).toStrictEqual(refusedUntil(2))
  })

  test('login attempts with one key do not count for another key', async () => {
    const [one, other] = [aKey(), aKey()]
    await attempted(one, [0, 0, 0])
    expect(await attempted(other, [0])).toStrictEqual([allowed])
  })
})

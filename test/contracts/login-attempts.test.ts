import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { concurrently, onEveryStore } from './expiring-backends.ts'
import { at } from './records.ts'

const policy = { free: 3, baseDelaySeconds: 2, maxDelaySeconds: 10, forgetAfterSeconds: 100 }
const allowed = { allowed: true }
const refusedUntil = (seconds: number) => ({ allowed: false, retryAt: at(seconds) })
/** Of any form: an address with braces in it is the sender's choice. */
const aKey = () => `account:{${randomToken(8)}}@예.example "*" [a-z]?`

onEveryStore('loginAttempts', ({ store, instances }) => {
  const attempted = async (key: string, seconds: readonly number[]) => {
    const answers = []
    for (const second of seconds) answers.push(await store().attempt(key, policy, at(second)))
    return answers
  }

  test('of 100 concurrent first attempts exactly the free ones are allowed (F4)', async () => {
    const key = aKey()
    const answers = await concurrently(100, instances(), (attempts) => attempts.attempt(key, policy, at(0)))
    expect(answers.filter((answer) => answer.allowed)).toHaveLength(policy.free)
    expect(answers.filter((answer) => !answer.allowed)).toStrictEqual(
      Array.from({ length: 100 - policy.free }, () => refusedUntil(2)),
    )
  })

  test('the delay doubles up to its cap, and an attempt that is refused does not count (F4)', async () => {
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

  test('free attempts are allowed in whichever order their clocks say, and by a clock that is behind', async () => {
    const key = aKey()
    expect(await attempted(key, [10, 9.999, 0, 0])).toStrictEqual([
      allowed,
      allowed,
      allowed,
      refusedUntil(2),
    ])
  })

  test('the counter is forgotten after its time without an attempt, and not before', async () => {
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

  test('forgiving starts the counter anew', async () => {
    const key = aKey()
    await attempted(key, [0, 0, 0])
    await store().reset(key)
    await store().reset(key)
    expect(await attempted(key, [0, 0, 0, 0])).toStrictEqual([allowed, allowed, allowed, refusedUntil(2)])
  })

  test('an honest attempt is taken back with its delay, and leaves the others counted', async () => {
    const key = aKey()
    await attempted(key, [0, 0, 0])
    await store().undo(key)
    expect(await attempted(key, [0, 0])).toStrictEqual([allowed, refusedUntil(2)])
    expect(await attempted(key, [2])).toStrictEqual([allowed])
    await store().undo(key)
    expect(await attempted(key, [2, 2])).toStrictEqual([allowed, refusedUntil(6)])
  })

  test('nothing is taken back below zero, nor from what was never counted', async () => {
    const key = aKey()
    await store().undo(key)
    await attempted(key, [0])
    for (const _ of [1, 2, 3]) await store().undo(key)
    expect(await attempted(key, [0, 0, 0, 0])).toStrictEqual([allowed, allowed, allowed, refusedUntil(2)])
  })

  test('100 honest attempts at once leave none counted', async () => {
    const key = aKey()
    const many = { ...policy, free: 1000 }
    await concurrently(100, instances(), (attempts) => attempts.attempt(key, many, at(0)))
    await concurrently(100, instances(), (attempts) => attempts.undo(key))
    expect(await attempted(key, [0, 0, 0, 0])).toStrictEqual([allowed, allowed, allowed, refusedUntil(2)])
  })

  test('a long delay is exact to the millisecond', async () => {
    const key = aKey()
    const slow = { free: 0, baseDelaySeconds: 1, maxDelaySeconds: 315_360_000, forgetAfterSeconds: 0.001 }
    expect(await store().attempt(key, slow, at(0))).toStrictEqual(allowed)
    expect(await store().attempt(key, slow, at(1.999))).toStrictEqual(refusedUntil(2))
  })

  test('one key is not another', async () => {
    const [one, other] = [aKey(), aKey()]
    await attempted(one, [0, 0, 0])
    expect(await attempted(other, [0])).toStrictEqual([allowed])
  })
})

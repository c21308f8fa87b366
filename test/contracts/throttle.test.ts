import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { type Budget, maxNetworksPerUser, type Taken, type Use } from '../../src/throttle/throttle.ts'
import { newUserId } from '../../src/users/user.ts'
import { concurrently, onExpiringBackends } from './expiring-backends.ts'
import { at } from './records.ts'

/** A key with characters that are special in Redis keys and patterns. */
const aBudget = (facts: Partial<Budget> = {}): Budget => ({
  key: `account:{${randomToken(8)}}@예.example "*" [a-z]?`,
  burst: 3,
  refillSeconds: 10,
  ...facts,
})

const refused = (spent: Budget, seconds: number) => ({ outcome: 'refused', spent, retryAt: at(seconds) })

onExpiringBackends('throttle', ({ store, instances }) => {
  const take = (use: Use, seconds: number): Promise<Taken> => store().take(use, at(seconds))

  /** Which of the uses at these times are taken. */
  const taken = async (use: Use, seconds: readonly number[]): Promise<boolean[]> => {
    const answers = []
    for (const second of seconds) answers.push((await take(use, second)).outcome === 'taken')
    return answers
  }

  describe('a budget', () => {
    test('100 concurrent uses get no more than the burst (F4)', async () => {
      const [one, other] = [aBudget(), aBudget({ burst: 50 })]
      const budgets = [one, other]
      const answers = await concurrently(100, instances(), (throttle) => throttle.take({ budgets }, at(0)))
      expect(answers.filter(({ outcome }) => outcome === 'taken')).toStrictEqual(
        Array.from({ length: 3 }, () => ({ outcome: 'taken', budgets, fromKnownNetwork: false })),
      )
      expect(answers.filter(({ outcome }) => outcome === 'refused')).toStrictEqual(
        Array.from({ length: 97 }, () => refused(one, 10)),
      )
    })

    test('one use comes back after each refill time, also while others use the budget up (F4)', async () => {
      const budgets = [aBudget()]
      expect(await taken({ budgets }, [0, 0, 0, 0, 9.999, 10, 10, 19.999, 20, 21, 99, 99, 99, 99])).toEqual([
        ...[true, true, true, false, false, true, false, false, true, false],
        ...[true, true, true, false],
      ])
    })

    test('the time of the next use is exact to the millisecond', async () => {
      const [budget] = [aBudget({ burst: 1, refillSeconds: 0.007 })]
      expect(await taken({ budgets: [budget] }, [0])).toEqual([true])
      expect(await take({ budgets: [budget] }, 0.006)).toStrictEqual(refused(budget, 0.007))
      expect(await taken({ budgets: [budget] }, [0.007])).toEqual([true])
    })

    test('an instance whose clock is behind gets no more than the burst', async () => {
      expect(await taken({ budgets: [aBudget()] }, [10, 9, 0, 0])).toEqual([true, true, false, false])
    })

    test('a use is refused if one of several budgets is spent, and then takes nothing from the others (F4)', async () => {
      const [narrow, wide] = [aBudget({ burst: 1 }), aBudget({ burst: 2, refillSeconds: 100 })]
      const both = { budgets: [wide, narrow] }
      expect(await taken(both, [0])).toEqual([true])
      for (let count = 0; count < 5; count += 1)
        expect(await take(both, 0)).toStrictEqual(refused(narrow, 10))
      expect(await taken({ budgets: [wide] }, [0, 0])).toEqual([true, false])
      // Both are spent now. The answer names the first, and the time when both have a use again.
      expect(await take(both, 0)).toStrictEqual(refused(wide, 100))
    })
  })

  describe('settling', () => {
    test('a use that is given back can be taken again, and never fills a budget above its burst', async () => {
      const budget = aBudget()
      await store().settle({ giveBack: [budget] }, at(0))
      expect(await taken({ budgets: [budget] }, [0])).toEqual([true])
      for (const _ of [1, 2, 3]) await store().settle({ giveBack: [budget] }, at(0))
      expect(await taken({ budgets: [budget] }, [0, 0, 0, 0])).toEqual([true, true, true, false])
      await store().settle({ giveBack: [budget] }, at(0))
      expect(await taken({ budgets: [budget] }, [0, 0])).toEqual([true, false])
    })

    test('100 concurrent uses and then 100 concurrent returns leave a full budget', async () => {
      const budgets = [aBudget({ burst: 100 }), aBudget({ burst: 100 })]
      await concurrently(100, instances(), (throttle) => throttle.take({ budgets }, at(0)))
      expect(await taken({ budgets }, [0])).toEqual([false])
      await concurrently(100, instances(), (throttle) => throttle.settle({ giveBack: budgets }, at(0)))
      expect(await taken({ budgets: budgets.map((one) => ({ ...one, burst: 1 })) }, [0])).toEqual([true])
    })

    test('a reset fills the budget and leaves other budgets as they are', async () => {
      const [one, other] = [aBudget(), aBudget()]
      expect(await taken({ budgets: [one, other] }, [0, 0, 0])).toEqual([true, true, true])
      await store().settle({ reset: [one] }, at(0))
      expect(await taken({ budgets: [one] }, [0, 0, 0, 0])).toEqual([true, true, true, false])
      expect(await taken({ budgets: [other] }, [0])).toEqual([false])
    })
  })

  describe('known networks', () => {
    test('the budgets of a known network are used until its end, and only for its user (F4)', async () => {
      const [strangers, own] = [aBudget({ burst: 1, refillSeconds: 1e6 }), aBudget({ burst: 2 })]
      const userId = newUserId()
      const network = randomToken()
      const use = (id: string, name: string): Use => ({
        budgets: [strangers],
        knownNetwork: { userId: id, network: name, budgets: [own] },
      })
      expect(await taken(use(userId, network), [0, 0])).toEqual([true, false])
      await store().settle({ remember: { userId, network, until: at(100) } }, at(0))
      expect(await take(use(userId, network), 0)).toStrictEqual({
        outcome: 'taken',
        budgets: [own],
        fromKnownNetwork: true,
      })
      expect(await taken(use(userId, network), [0])).toEqual([true])
      expect(await take(use(userId, network), 0)).toStrictEqual(refused(own, 10))
      expect(await take(use(newUserId(), network), 0)).toStrictEqual(refused(strangers, 1e6))
      expect(await take(use(userId, randomToken()), 0)).toStrictEqual(refused(strangers, 1e6))
      expect(await taken(use(userId, network), [99.999, 100])).toEqual([true, false])
    })

    test(`a user has at most ${maxNetworksPerUser} known networks, also after concurrent sign-ins: those with the latest end (F4)`, async () => {
      const userId = newUserId()
      const networks = Array.from({ length: 30 }, (_, index) => ({
        userId,
        network: `${String(index).padStart(2, '0')} ${randomToken()}`,
        until: at(1000 + index),
      }))
      await concurrently(30, instances(), (throttle, index) =>
        throttle.settle({ remember: networks[index] ?? ({} as never) }, at(0)),
      )
      const known = []
      for (const { network } of networks) {
        const knownNetwork = { userId, network, budgets: [aBudget()] }
        const answer = await take({ budgets: [aBudget()], knownNetwork }, 0)
        known.push(answer.outcome === 'taken' && answer.fromKnownNetwork)
      }
      expect(known).toEqual(networks.map((_, index) => index >= 30 - maxNetworksPerUser))
    })
  })
})

onExpiringBackends('throttle', ({ store }) => {
  test('at the limit of records strangers are refused, and known networks and existing budgets are not (H4)', async () => {
    const throttle = store()
    const limit = { maxRecords: 4 }
    const [one, two, third] = [aBudget(), aBudget(), aBudget()]
    const pair = (budgets: Budget[], seconds: number) => throttle.take({ budgets, ...limit }, at(seconds))
    expect((await pair([one, two], 0)).outcome).toBe('taken')
    expect((await pair([third], 0)).outcome).toBe('taken')
    for (let count = 0; count < 3; count += 1)
      expect(await pair([aBudget(), aBudget()], 0)).toStrictEqual({
        outcome: 'refused',
        retryAt: at(60),
      })
    expect((await pair([one, two], 0)).outcome).toBe('taken')
    const known = { userId: newUserId(), network: randomToken() }
    await throttle.settle({ remember: { ...known, until: at(1000) } }, at(0))
    const knownNetwork = { ...known, budgets: [aBudget(), aBudget()] }
    expect((await throttle.take({ budgets: [aBudget()], knownNetwork, ...limit }, at(0))).outcome).toBe(
      'taken',
    )
    expect((await pair([aBudget()], 0)).outcome).toBe('refused')
    expect((await throttle.take({ budgets: [aBudget()] }, at(0))).outcome).toBe('taken')
    // All budgets are full again, so they no longer count.
    expect((await pair([aBudget(), aBudget(), aBudget(), aBudget()], 60)).outcome).toBe('taken')
    expect((await pair([aBudget()], 60)).outcome).toBe('refused')
  })
})

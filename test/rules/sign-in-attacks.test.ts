// Attacks in simulated time, against the rule and the numbers of docs/throttling.md.
import { beforeEach, describe, expect, test } from 'vitest'
import { maxBudgetRecords } from '../../src/throttle/throttle.ts'
import { address, aPerson, type Person, type SignInModel, signInModel } from '../support/sign-in-model.ts'

const hour = 3600
const day = 24 * hour

let model: SignInModel
beforeEach(() => {
  model = signInModel()
})

describe('an attack on one account', () => {
  /** The most entries of the sorted list within any 24 hours. */
  const mostInADay = (times: readonly number[]): number => {
    let first = 0
    let most = 0
    for (const [index, time] of times.entries()) {
      while ((times[first] ?? 0) < time - day) first += 1
      most = Math.max(most, index - first + 1)
    }
    return most
  }

  /** Every network guesses every 20 minutes, for two days. Returns the times of the guesses. */
  const flood = async (victim: Person, networks: readonly string[], each: (at: number) => Promise<void>) => {
    const guesses: number[] = []
    for (let at = 60; at < 2 * day; at += 1200) {
      for (const [index, ip] of networks.entries())
        if (await model.guess(victim, { ip, at: at + index })) guesses.push(at + index)
      await each(at + networks.length)
    }
    return guesses
  }
  const thousand = Array.from({ length: 1000 }, (_, index) => address(index))

  test('from 1,000 networks gets at most 60 guesses a day, and the owner gets in at a known network (F4)', async () => {
    const owner = aPerson()
    const home = '192.0.2.1'
    await model.signIn(owner, { ip: home, at: 0 })
    const admitted: boolean[] = []
    const guesses = await flood(owner, thousand, async (at) => {
      if (at % hour < 1200) admitted.push(await model.signIn(owner, { ip: home, at }))
    })
    expect(admitted).toEqual(Array.from({ length: 48 }, () => true))
    expect(mostInADay(guesses)).toBe(60)
  })

  test('from 1,000 networks does not refuse the owner with a known device, at any network (F4)', async () => {
    const owner = aPerson()
    const mark = model.markOf(owner, 0)
    const admitted: boolean[] = []
    await flood(owner, thousand.slice(0, 200), async (at) => {
      admitted.push(await model.signIn({ ...owner, mark }, { ip: address(at, 172), at }))
    })
    expect(new Set(admitted)).toEqual(new Set([true]))
  })

  test('gets at most 100 guesses a day, also if the attacker is in networks that the account knows (F4)', async () => {
    const owner = aPerson()
    const known = thousand.slice(0, 8)
    for (const ip of known) await model.signIn(owner, { ip, at: 0 })
    const guesses = await flood(owner, thousand.slice(0, 200), async () => {})
    expect(mostInADay(guesses)).toBeLessThanOrEqual(100)
    expect(mostInADay(guesses)).toBeGreaterThan(90)
  })

  test('from one network that asks whenever it may does not refuse the owner at a new network (F4)', async () => {
    const owner = aPerson()
    const guesses: number[] = []
    let at = 0
    while (at < 7 * day) {
      const wait = await model.wait(owner, { ip: '198.51.100.7', at })
      if (wait === 0) guesses.push(at)
      at += Math.max(1, wait)
    }
    for (let network = 0; network < 100; network += 1)
      expect(await model.signIn(owner, { ip: address(network), at: 7 * day })).toBe(true)
    expect(mostInADay(guesses)).toBeLessThanOrEqual(35)
  })

  test('gets no more guesses for an account than for a name that does not exist (F5)', async () => {
    const attack = async (victim: Person | string) => {
      model = signInModel()
      const answers: boolean[] = []
      for (let at = 0; at < 2 * day; at += 300)
        answers.push(await model.guess(victim, { ip: address(Math.floor(at / 900) % 20), at }))
      return answers
    }
    const [onAccount, onName] = [await attack(aPerson()), await attack('nobody@example.com')]
    expect(onName).toEqual(onAccount)
    expect(onName.filter((admitted) => admitted).length).toBeLessThanOrEqual(24 + 2 * 36)
  })
})

describe('a flood over all accounts', () => {
  test('from 26 /64s of one /56 gets 120 guesses, and nobody else notices (F4)', async () => {
    let guesses = 0
    for (let count = 0; count < 1010; count += 1) {
      const ip = `2001:db8:0:${(count % 26).toString(16)}::${count.toString(16)}`
      if (await model.guess(`name-${count}`, { ip, at: 0 })) guesses += 1
    }
    expect(guesses).toBe(120)
    for (const ip of ['192.0.2.1', '2001:db8:1::1', '2001:db8:0:100::1'])
      expect(await model.signIn(aPerson(), { ip, at: 0 })).toBe(true)
  })

  test('from all /64s of one /48 gets 240 guesses at once and 8 more each minute (F4)', async () => {
    let guesses = 0
    for (let at = 0; at <= 600; at += 60)
      for (let count = 0; count < 300; count += 1) {
        const ip = `2001:db8:0:${((count * 219) & 0xffff).toString(16)}::1`
        if (await model.guess(`name-${at}-${count}`, { ip, at })) guesses += 1
      }
    expect(guesses).toBe(240 + 10 * 8)
  })

  test('from 1,000 networks stays below the limit of records, and a stranger elsewhere gets in (H4)', async () => {
    for (let count = 0; count < 61; count += 1)
      for (let network = 0; network < 1000; network += 1)
        await model.guess(`${count}-${network}`, { ip: address(network), at: count / 100 })
    expect(model.records(1)).toBeGreaterThan(100_000)
    expect(model.records(1)).toBeLessThan(maxBudgetRecords)
    expect(await model.signIn(aPerson(), { ip: '192.0.2.1', at: 1 })).toBe(true)
  })

  const oneAddress = ['192.0.2.1']
  const wholeSite = ['2001:db8::1', '2001:db8:0:100::1', '2001:db8:0:200::1', '2001:db8:0:300::1']
  test.each([
    { network: 'an IPv4 address', ips: oneAddress, limit: 700 },
    { network: 'a /48', ips: wholeSite, limit: 2800 },
  ])('from $network needs fewer than $limit records, however many names it tries (H4)', async (one) => {
    let most = 0
    for (let at = 0; at < day; at += 15) {
      for (const ip of one.ips) await model.guess(`name-${at}-${ip}`, { ip, at })
      if (at % hour === 0) most = Math.max(most, model.records(at))
    }
    expect(most).toBeLessThan(one.limit)
    expect(most).toBeGreaterThan(one.limit / 5)
    const before = model.records(day)
    for (let count = 0; count < 100; count += 1)
      for (const ip of one.ips) await model.guess(`more-${count}-${ip}`, { ip, at: day })
    expect(model.records(day)).toBeLessThanOrEqual(before + 12)
  })
})

// Days and weeks of honest sign-ins, in simulated time: the rule of docs/throttling.md refuses none of them.
import { beforeEach, describe, expect, test } from 'vitest'
import {
  address,
  aPerson,
  type Person,
  randomNumbers,
  type SignInModel,
  signInModel,
} from '../support/sign-in-model.ts'

const hour = 3600
const day = 24 * hour

let model: SignInModel
beforeEach(() => {
  model = signInModel()
})

/** One sign-in of a person who mistypes sometimes, most often once. Returns the number of refusals. */
const honest = async (person: Person, ip: string, at: number, typoRate: number, random: () => number) => {
  let refusals = 0
  let time = at
  let wrong = random() < typoRate
  for (let typos = 0; wrong && typos < 5; typos += 1) {
    if (!(await model.guess(person, { ip, at: time }))) refusals += 1
    time += 5
    wrong = random() < 0.4
  }
  if (!(await model.signIn(person, { ip, at: time }))) refusals += 1
  return refusals
}

/** Times of one day, most of them between 9 and 22 o'clock, and twice as many in the evening. */
const timesOfDay = (count: number, random: () => number): number[] =>
  Array.from({ length: count }, () => {
    const choice = random()
    const [from, to] = choice < 0.1 ? [0, 9] : choice < 0.6 ? [9, 19] : [19, 22]
    return (from + random() * (to - from)) * hour
  }).sort((a, b) => a - b)

const people = (count: number): Person[] => Array.from({ length: count }, aPerson)
const one = (all: readonly Person[], random: () => number): Person =>
  all[Math.floor(random() * all.length)] ?? aPerson()

describe('honest sign-ins', () => {
  test('a shop with 10,000 sign-ins a day refuses nobody, and its records stay few (F4)', async () => {
    const random = randomNumbers(1)
    const customers = people(5000)
    const homes = new Map(customers.map((person, index) => [person, address(index)]))
    let refusals = 0
    let most = 0
    for (let today = 0; today < 5; today += 1) {
      for (const time of timesOfDay(10_000, random)) {
        const at = today * day + time
        const person = one(customers, random)
        // A third is behind the 40 addresses of a mobile carrier.
        const ip = random() < 0.33 ? address(Math.floor(random() * 40), 172) : (homes.get(person) ?? '')
        refusals += await honest(person, ip, at, 0.08, random)
      }
      most = Math.max(most, model.records(today * day + 22 * hour))
    }
    expect(refusals).toBe(0)
    expect(most).toBeLessThan(1000)
  })

  test('a backend that signs in 10,000 users a day from one address is not refused (F4)', async () => {
    const random = randomNumbers(2)
    const users = people(20_000)
    let refusals = 0
    for (let today = 0; today < 3; today += 1)
      for (const time of timesOfDay(10_000, random))
        refusals += await honest(one(users, random), '192.0.2.1', today * day + time, 0.08, random)
    expect(refusals).toBe(0)
  })

  test('500 people in one office sign in within 20 minutes every morning and are not refused (F4)', async () => {
    const random = randomNumbers(3)
    const office = people(500)
    let refusals = 0
    for (let today = 0; today < 28; today += 1)
      for (const [index, person] of office.entries()) {
        const at = today * day + 9 * hour + index * 2.4
        refusals += await honest(person, '192.0.2.1', at, 0.1, random)
      }
    expect(refusals).toBe(0)
  })

  test('a person who mistypes three times at every sign-in is not refused in four weeks (F4)', async () => {
    const [person] = people(1) as [Person]
    let refusals = 0
    for (let at = 0; at < 28 * day; at += 8 * hour) {
      const ip = address((at / hour) % 5)
      for (const seconds of [0, 5, 10])
        if (!(await model.guess(person, { ip, at: at + seconds }))) refusals += 1
      if (!(await model.signIn(person, { ip, at: at + 15 }))) refusals += 1
    }
    expect(refusals).toBe(0)
  })

  test('two failures a minute from different networks for a week do not add up (F4)', async () => {
    for (let minute = 0; minute < 7 * 24 * 60; minute += 0.5)
      await model.guess(`name-${minute % 5000}`, { ip: address(minute * 2), at: minute * 60 })
    const where = { ip: '192.0.2.1', at: 7 * day }
    expect([await model.guess('typo', where), await model.signIn(aPerson(), where)]).toEqual([true, true])
  })

  test('61 typos in 25 hours behind one address refuse nobody (F4)', async () => {
    for (let count = 0; count < 61; count += 1)
      expect(await model.guess(aPerson(), { ip: '192.0.2.1', at: count * 1475 })).toBe(true)
    expect(await model.signIn(aPerson(), { ip: '192.0.2.1', at: 25 * hour })).toBe(true)
  })
})

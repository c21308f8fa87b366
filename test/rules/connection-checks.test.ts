import { expect, test } from 'vitest'
import { createConnectionChecks } from '../../src/identities/connection-checks.ts'
import { newUserId } from '../../src/users/user.ts'
import { testClock } from '../support/clock.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

const day = 86_400

const asking = (isConnected: (subject: string) => boolean | Error) => {
  const clock = testClock()
  const { users, identities, providerSignals } = memoryStores()
  const asked: string[] = []
  const { tick } = createConnectionChecks({
    clock,
    identities,
    providerSignals,
    providers: {
      kakao: {
        isConnected: async (subject) => {
          asked.push(subject)
          const answer = isConnected(subject)
          if (answer instanceof Error) throw answer
          return answer
        },
      },
    },
    failed: () => {},
  })
  const join = async (subject: string, provider = 'kakao') => {
    const now = clock.now()
    const user = { id: newUserId(), emailVerified: false, roles: [], claims: {}, onboarded: false }
    await users.create({ ...user, createdAt: now, updatedAt: now })
    const identity = {
      provider,
      subject,
      userId: user.id,
      emailVerified: false,
      linkedAt: now,
      lastUsedAt: now,
    }
    expect(await identities.link(identity)).toBe('linked')
  }
  const signals = async () =>
    (await providerSignals.lease(100, clock.now(), clock.now())).map(
      ({ provider, subject, action }) => `${provider} ${subject} ${action}`,
    )
  return { clock, identities, tick, join, asked, signals }
}

test('a connection whose end nobody told us of is ended, a day later; the others stay (E14)', async () => {
  const { clock, tick, join, asked, signals } = asking((subject) => subject !== '2')
  for (const subject of ['1', '2', '3']) await join(subject)
  await join('4', 'google')
  await tick()
  expect(asked).toEqual([])
  clock.advance(day + 1)
  await tick()
  await tick()
  expect(asked).toEqual(['1', '2', '3'])
  expect(await signals()).toEqual(['kakao 2 end_connection'])
})

test('who signed in meanwhile is not asked about (E14)', async () => {
  const { clock, identities, tick, join, asked } = asking(() => true)
  await join('1')
  clock.advance(day)
  await identities.used('kakao', '1', clock.now())
  clock.advance(100)
  await tick()
  expect(asked).toEqual([])
})

test('a provider that is down ends nothing, and is left alone for an hour (E14)', async () => {
  const { clock, tick, join, asked, signals } = asking(() => new Error('down'))
  for (let count = 0; count < 50; count += 1) await join(String(count))
  clock.advance(day + 1)
  await tick()
  clock.advance(3599)
  await tick()
  expect(asked).toHaveLength(1)
  clock.advance(1)
  await tick()
  expect(asked).toHaveLength(2)
  expect(await signals()).toEqual([])
})

test('many are asked about bit by bit, each once a day (E14)', async () => {
  const { clock, tick, join, asked } = asking(() => true)
  for (let count = 0; count < 50; count += 1) await join(String(count))
  clock.advance(day + 1)
  await tick()
  expect(asked).toHaveLength(20)
  for (let minute = 0; minute < 10; minute += 1) {
    clock.advance(60)
    await tick()
  }
  expect(new Set(asked).size).toBe(50)
  expect(asked).toHaveLength(50)
})

test('a provider that suddenly knows nobody is not believed (E14)', async () => {
  const { clock, tick, join, signals } = asking(() => false)
  for (let count = 0; count < 4; count += 1) await join(String(count))
  clock.advance(day + 1)
  await tick()
  expect(await signals()).toEqual([])
})

test('three who left on the same day are believed (E14)', async () => {
  const { clock, tick, join, signals } = asking(() => false)
  for (let count = 0; count < 3; count += 1) await join(String(count))
  clock.advance(day + 1)
  await tick()
  expect(await signals()).toHaveLength(3)
})

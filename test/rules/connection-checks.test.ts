import { expect, test } from 'vitest'
import { secondsAfter } from '../../src/clock.ts'
import { createConnectionChecks } from '../../src/identities/connection-checks.ts'
import { newUserId } from '../../src/users/user.ts'
import { testClock } from '../support/clock.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

const day = 86_400

const createChecks = (
  isConnected: (subject: string) => boolean | Error,
  { names = ['kakao'] }: { names?: string[] } = {},
) => {
  const clock = testClock()
  const { users, identities, providerSignals } = memoryStores()
  const asked: string[] = []
  const { tick, stop } = createConnectionChecks({
    clock,
    identities,
    providerSignals,
    providers: Object.fromEntries(
      names.map((name) => [
        name,
        {
          isConnected: async (subject: string) => {
            asked.push(subject)
            const answer = isConnected(subject)
            if (answer instanceof Error) throw answer
            return answer
          },
        },
      ]),
    ),
    failed: () => {},
  })
  const link = async (subject: string, provider = 'kakao') => {
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
    expect(await identities.link(identity, {})).toBe('linked')
  }
  const signals = async () =>
    (await providerSignals.lease(100, clock.now(), clock.now())).map(
      ({ provider, subject, action }) => `${provider} ${subject} ${action}`,
    )
  return { clock, identities, tick, stop, link, asked, signals }
}

test('ends a connection a day later if the provider no longer knows it, and keeps the others (E14)', async () => {
  const { clock, tick, link, asked, signals } = createChecks((subject) => subject !== '2')
  for (const subject of ['1', '2', '3']) await link(subject)
  await link('4', 'google')
  await tick()
  expect(asked).toEqual([])
  clock.advance(day + 1)
  await tick()
  await tick()
  expect(asked).toEqual(['1', '2', '3'])
  expect(await signals()).toEqual(['kakao 2 end_connection'])
})

test('does not ask about a person who signed in within the last day (E14)', async () => {
  const { clock, identities, tick, link, asked } = createChecks(() => true)
  await link('1')
  clock.advance(day)
  const identity = await identities.find('kakao', '1')
  if (identity) await identities.use({ ...identity, lastUsedAt: clock.now() })
  clock.advance(100)
  await tick()
  expect(asked).toEqual([])
})

test('a provider that is down ends no connection, and is not asked again for an hour (E14)', async () => {
  const { clock, tick, link, asked, signals } = createChecks(() => new Error('down'))
  for (let count = 0; count < 50; count += 1) await link(String(count))
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

test('asks about many connections in batches, and about each once a day (E14)', async () => {
  const { clock, tick, link, asked } = createChecks(() => true)
  for (let count = 0; count < 50; count += 1) await link(String(count))
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

test('ends no connection if a provider no longer knows any of four people (E14)', async () => {
  const { clock, tick, link, signals } = createChecks(() => false)
  for (let count = 0; count < 4; count += 1) await link(String(count))
  clock.advance(day + 1)
  await tick()
  expect(await signals()).toEqual([])
})

test('ends three connections if a provider no longer knows any of three people (E14)', async () => {
  const { clock, tick, link, signals } = createChecks(() => false)
  for (let count = 0; count < 3; count += 1) await link(String(count))
  clock.advance(day + 1)
  await tick()
  expect(await signals()).toHaveLength(3)
})

test('ends four connections if a provider still knows as many people (E14)', async () => {
  const { clock, tick, link, signals } = createChecks((subject) => Number(subject) >= 4)
  for (let count = 0; count < 8; count += 1) await link(String(count))
  clock.advance(day + 1)
  await tick()
  expect(await signals()).toHaveLength(4)
})

test('asks nobody any more when the process stops (E14)', async () => {
  let stopping: Promise<void> | undefined
  const checks = createChecks(
    () => {
      stopping ??= checks.stop()
      return true
    },
    { names: ['kakao', 'google'] },
  )
  for (const subject of ['1', '2']) await checks.link(subject)
  await checks.link('3', 'google')
  checks.clock.advance(day + 1)
  await checks.tick()
  await stopping
  expect(checks.asked).toHaveLength(1)
  // The next process asks the provider that this one did not ask.
  const now = checks.clock.now()
  expect(await checks.identities.leaseForCheck('google', secondsAfter(now, -day), now, 20)).toHaveLength(1)
})

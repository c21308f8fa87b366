import { expect, test } from 'vitest'
import type { AuditEvent } from '../../src/audit.ts'
import type { Identity } from '../../src/identities/identity.ts'
import {
  createDisconnectRequestWork,
  type Disconnect,
} from '../../src/identities/send-disconnect-requests.ts'
import { testClock } from '../support/clock.ts'
import { memoryDisconnectRequests } from '../support/memory/disconnect-requests.ts'

const day = 86_400

const saying = (kakao: Disconnect['endConnection'], linked: Partial<Identity> = {}) => {
  const clock = testClock()
  const disconnectRequests = memoryDisconnectRequests()
  const events: AuditEvent[] = []
  const asked: string[] = []
  const { tick, stop } = createDisconnectRequestWork({
    clock,
    disconnectRequests,
    identities: {
      find: async (_, subject) => (linked.subject === subject ? (linked as Identity) : undefined),
    },
    providers: {
      kakao: {
        endConnection: async (connection) => {
          asked.push(connection.subject)
          return kakao(connection)
        },
      },
    },
    audit: (event) => void events.push(event),
    failed: () => {},
  })
  const leave = (subject: string, provider = 'kakao') =>
    disconnectRequests.enqueue({ provider, subject, requestedAt: clock.now() })
  const left = async () => (await disconnectRequests.lease(100, new Date(8e15), new Date(8e15))).length
  return { clock, tick, stop, leave, left, asked, told: () => events.map(({ type }) => type) }
}

test('a provider is told once (I11)', async () => {
  const { tick, leave, left, asked, told } = saying(async () => 'ended')
  await leave('1')
  await leave('2')
  await tick()
  await tick()
  expect(asked).toEqual(['1', '2'])
  expect(told()).toEqual(['disconnect_request.sent', 'disconnect_request.sent'])
  expect(await left()).toBe(0)
})

test('a provider that is down is asked again, ever more slowly, and then told (I11)', async () => {
  let down = true
  const { clock, tick, leave, left, asked, told } = saying(async () => {
    if (down) throw new Error('down')
    return 'ended'
  })
  await leave('1')
  const tries: number[] = []
  for (let minute = 0; minute < 60; minute += 1) {
    await tick()
    if (asked.length > tries.length) tries.push(minute)
    clock.advance(60)
  }
  expect(tries).toEqual([0, 1, 2, 4, 8, 16, 32])
  expect(told()).toEqual([])
  down = false
  clock.advance(3600)
  await tick()
  expect(told()).toEqual(['disconnect_request.sent'])
  expect(await left()).toBe(0)
})

test('after a week in vain it is given up, and said so (I11)', async () => {
  const { clock, tick, leave, left, asked, told } = saying(async () => {
    throw new Error('down')
  })
  await leave('1')
  for (let hour = 0; hour < 8 * 24; hour += 1) {
    await tick()
    clock.advance(3600)
  }
  expect(asked.length).toBeGreaterThan(28)
  expect(asked.length).toBeLessThan(50)
  expect(told()).toEqual(['disconnect_request.abandoned'])
  expect(await left()).toBe(0)
})

test('one failure does not keep the others waiting (I11)', async () => {
  const { tick, leave, told } = saying(async ({ subject }) => {
    if (subject === '1') throw new Error('down')
    return 'ended'
  })
  await leave('1')
  await leave('2')
  await tick()
  expect(told()).toEqual(['disconnect_request.sent'])
})

test('who came back meanwhile is not disconnected', async () => {
  const { tick, leave, left, asked, told } = saying(async () => 'ended', { subject: '1' })
  await leave('1')
  await tick()
  expect([asked, told(), await left()]).toEqual([[], [], 0])
})

test('where there is nothing to end it with, that is said and not tried for ever', async () => {
  const { clock, tick, leave, left, told } = saying(async () => 'impossible')
  await leave('1')
  await leave('2', 'naver')
  await leave('3', 'constructor')
  await tick()
  clock.advance(day)
  await tick()
  expect(told()).toEqual([
    'disconnect_request.abandoned',
    'disconnect_request.abandoned',
    'disconnect_request.abandoned',
  ])
  expect(await left()).toBe(0)
})

test('told to stop, it ends after the goodbye at hand and begins no other; the rest waits for whoever comes next', async () => {
  let stopped: Promise<void> | undefined
  const { tick, stop, leave, left, asked, told } = saying(async () => {
    stopped = stop()
    return 'ended'
  })
  await leave('1')
  await leave('2')
  await tick()
  await stopped
  await tick()
  expect([asked, told()]).toEqual([['1'], ['disconnect_request.sent']])
  expect(await left()).toBe(1)
})

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

const createWork = (kakao: Disconnect['endConnection'], linked: Partial<Identity> = {}) => {
  const clock = testClock()
  const disconnectRequests = memoryDisconnectRequests()
  const events: AuditEvent[] = []
  const attempts: string[] = []
  const { tick, stop } = createDisconnectRequestWork({
    clock,
    disconnectRequests,
    identities: {
      find: async (_, subject) => (linked.subject === subject ? (linked as Identity) : undefined),
    },
    providers: {
      kakao: {
        endConnection: async (connection) => {
          attempts.push(connection.subject)
          return kakao(connection)
        },
      },
    },
    audit: (event) => void events.push(event),
    failed: () => {},
  })
  const enqueue = (subject: string, provider = 'kakao') =>
    disconnectRequests.enqueue({ provider, subject, requestedAt: clock.now() })
  const remaining = async () => (await disconnectRequests.lease(100, new Date(8e15), new Date(8e15))).length
  const auditTypes = () => events.map(({ type }) => type)
  return { clock, tick, stop, enqueue, remaining, attempts, auditTypes }
}

test('each disconnect request is sent once (I11)', async () => {
  const { tick, enqueue, remaining, attempts, auditTypes } = createWork(async () => 'ended')
  await enqueue('1')
  await enqueue('2')
  await tick()
  await tick()
  expect(attempts).toEqual(['1', '2'])
  expect(auditTypes()).toEqual(['disconnect_request.sent', 'disconnect_request.sent'])
  expect(await remaining()).toBe(0)
})

test('a request to a provider that is down is sent again at growing intervals (I11)', async () => {
  let down = true
  const { clock, tick, enqueue, remaining, attempts, auditTypes } = createWork(async () => {
    if (down) throw new Error('down')
    return 'ended'
  })
  await enqueue('1')
  const tries: number[] = []
  for (let minute = 0; minute < 60; minute += 1) {
    await tick()
    if (attempts.length > tries.length) tries.push(minute)
    clock.advance(60)
  }
  expect(tries).toEqual([0, 1, 2, 4, 8, 16, 32])
  expect(auditTypes()).toEqual([])
  down = false
  clock.advance(3600)
  await tick()
  expect(auditTypes()).toEqual(['disconnect_request.sent'])
  expect(await remaining()).toBe(0)
})

test('a request that fails for a week is abandoned, and the audit log says so (I11)', async () => {
  const { clock, tick, enqueue, remaining, attempts, auditTypes } = createWork(async () => {
    throw new Error('down')
  })
  await enqueue('1')
  for (let hour = 0; hour < 8 * 24; hour += 1) {
    await tick()
    clock.advance(3600)
  }
  expect(attempts.length).toBeGreaterThan(28)
  expect(attempts.length).toBeLessThan(50)
  expect(auditTypes()).toEqual(['disconnect_request.abandoned'])
  expect(await remaining()).toBe(0)
})

test('a failed request does not delay the others (I11)', async () => {
  const { tick, enqueue, auditTypes } = createWork(async ({ subject }) => {
    if (subject === '1') throw new Error('down')
    return 'ended'
  })
  await enqueue('1')
  await enqueue('2')
  await tick()
  expect(auditTypes()).toEqual(['disconnect_request.sent'])
})

test('no request is sent for a person who signed in again', async () => {
  const { tick, enqueue, remaining, attempts, auditTypes } = createWork(async () => 'ended', { subject: '1' })
  await enqueue('1')
  await tick()
  expect([attempts, auditTypes(), await remaining()]).toEqual([[], [], 0])
})

test('a request that no provider can carry out is abandoned at once', async () => {
  const { clock, tick, enqueue, remaining, auditTypes } = createWork(async () => 'impossible')
  await enqueue('1')
  await enqueue('2', 'naver')
  await enqueue('3', 'constructor')
  await tick()
  clock.advance(day)
  await tick()
  expect(auditTypes()).toEqual([
    'disconnect_request.abandoned',
    'disconnect_request.abandoned',
    'disconnect_request.abandoned',
  ])
  expect(await remaining()).toBe(0)
})

test('a worker that is stopped finishes the current request and leaves the rest in the queue', async () => {
  let stopped: Promise<void> | undefined
  const { tick, stop, enqueue, remaining, attempts, auditTypes } = createWork(async () => {
    stopped = stop()
    return 'ended'
  })
  await enqueue('1')
  await enqueue('2')
  await tick()
  await stopped
  await tick()
  expect([attempts, auditTypes()]).toEqual([['1'], ['disconnect_request.sent']])
  expect(await remaining()).toBe(1)
})

import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { AuditEvent } from '../../src/audit.ts'
import { createRecordSealing } from '../../src/encryption/sealing.ts'
import { createComposeMail, type Mail } from '../../src/mail/compose.ts'
import { type Deliver, DeliveryFailed, type Message } from '../../src/mail/message.ts'
import { createMailWork } from '../../src/mail/send-mail.ts'
import { isEmail } from '../../src/users/user.ts'
import { testClock } from '../support/clock.ts'
import { memoryMailQueue } from '../support/memory/mail-queue.ts'

const aMail = (facts: Partial<Mail> = {}): Mail =>
  ({ kind: 'password_changed', to: 'jane@example.com', locale: 'en', userId: 'usr_1', ...facts }) as Mail

/** The work, with a delivery that the test decides. */
const createWork = (deliver: Deliver = async () => {}) => {
  const clock = testClock()
  const mailQueue = memoryMailQueue()
  const sealing = createRecordSealing([randomBytes(32)], 'mail')
  const events: AuditEvent[] = []
  const failures: unknown[] = []
  const delivered: Message[] = []
  const { tick, stop } = createMailWork({
    clock,
    mailQueue,
    sealing,
    render: ({ kind }) => ({ subject: kind, text: kind, html: kind }),
    deliver: async (message) => {
      delivered.push(message)
      await deliver(message)
    },
    isAddress: isEmail,
    audit: (event) => void events.push(event),
    failed: (cause) => void failures.push(cause),
  })
  const compose = createComposeMail({ sealing, clock })
  const enqueue = async (facts?: Partial<Mail>) => {
    const mail = compose(aMail(facts))
    await mailQueue.enqueue(mail)
    return mail.id
  }
  return { clock, mailQueue, sealing, events, failures, delivered, tick, stop, enqueue }
}

const down = () => new DeliveryFailed('ESOCKET ECONNREFUSED', 'server')

test('each mail is sent once, and the audit log has its kind and its user but no address', async () => {
  const { tick, enqueue, delivered, events, mailQueue } = createWork()
  await enqueue()
  await enqueue({ kind: 'test', to: 'kim@example.com' })
  await tick()
  await tick()
  expect(delivered.map(({ to }) => to).sort()).toEqual(['jane@example.com', 'kim@example.com'])
  expect(await mailQueue.list(10)).toEqual([])
  expect(events).toEqual([
    { type: 'mail.sent', actor: 'system', reason: 'password_changed', userId: 'usr_1' },
    { type: 'mail.sent', actor: 'system', reason: 'test', userId: 'usr_1' },
  ])
})

test('a mail that failed is sent again at growing intervals, with the same id, until it succeeds', async () => {
  let refuses = true
  const { clock, tick, enqueue, delivered, events, mailQueue } = createWork(async () => {
    if (refuses) throw new DeliveryFailed('EENVELOPE 450', 'retry')
  })
  const id = await enqueue()
  const tries: number[] = []
  for (let minute = 0; minute < 40; minute += 0.5) {
    await tick()
    if (delivered.length > tries.length) tries.push(minute)
    clock.advance(30)
  }
  expect(tries).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5])
  expect(events).toEqual([])
  expect((await mailQueue.list(1))[0]).toMatchObject({ attempts: 7, lastError: 'EENVELOPE 450' })
  refuses = false
  clock.advance(3600)
  await tick()
  expect(new Set(delivered.map((message) => message.id))).toEqual(new Set([id]))
  expect(events.map(({ type }) => type)).toEqual(['mail.sent'])
  expect(await mailQueue.list(1)).toEqual([])
})

test('a mail that failed for three days is a dead letter, and a retry sends it', async () => {
  let refuses = true
  const { clock, tick, enqueue, delivered, events, mailQueue } = createWork(async () => {
    if (refuses) throw new DeliveryFailed('EENVELOPE 450', 'retry')
  })
  const id = await enqueue()
  for (let hour = 0; hour < 4 * 24; hour += 1) {
    await tick()
    clock.advance(3600)
  }
  expect(delivered.length).toBeGreaterThan(70)
  expect(delivered.length).toBeLessThan(80)
  expect(events).toEqual([
    { type: 'mail.failed', actor: 'system', reason: 'password_changed: EENVELOPE 450', userId: 'usr_1' },
  ])
  expect(await mailQueue.state()).toEqual({ waiting: 0, failed: 1 })
  refuses = false
  expect(await mailQueue.retry(clock.now(), id)).toBe(1)
  await tick()
  expect(events.at(-1)?.type).toBe('mail.sent')
})

test('a message that the server refuses for good is a dead letter at once', async () => {
  const { tick, enqueue, delivered, mailQueue } = createWork(async () => {
    throw new DeliveryFailed('EENVELOPE 550 5.1.1', 'message')
  })
  await enqueue()
  await tick()
  await tick()
  expect(delivered.length).toBe(1)
  expect((await mailQueue.list(1))[0]?.lastError).toBe('EENVELOPE 550 5.1.1')
  expect(await mailQueue.state()).toEqual({ waiting: 0, failed: 1 })
})

test('a refused message does not delay the others', async () => {
  const { tick, enqueue, events } = createWork(async ({ to }) => {
    if (to.startsWith('jane')) throw new DeliveryFailed('EENVELOPE 550', 'message')
  })
  await enqueue()
  await enqueue({ to: 'kim@example.com' })
  await tick()
  expect(events.map(({ type }) => type).sort()).toEqual(['mail.failed', 'mail.sent'])
})

test('a mail server that is down gets at most four attempts in ten seconds, however long the queue is', async () => {
  let isDown = true
  const { clock, tick, enqueue, delivered, mailQueue } = createWork(async () => {
    if (isDown) throw down()
  })
  for (let count = 0; count < 100; count += 1) await enqueue()
  for (let second = 0; second < 10; second += 1) {
    await tick()
    clock.advance(1)
  }
  expect(delivered.length).toBe(4)
  isDown = false
  await tick()
  expect((await mailQueue.state()).waiting).toBe(4)
  clock.advance(60)
  await tick()
  expect(await mailQueue.state()).toEqual({ waiting: 0, failed: 0 })
})

test('a link that expired before the server was up again is never sent', async () => {
  let isDown = true
  const { clock, tick, enqueue, delivered, mailQueue } = createWork(async () => {
    if (isDown) throw down()
  })
  await enqueue({ kind: 'reset_password', path: '/reset?token=t', minutes: 30 })
  await tick()
  isDown = false
  clock.advance(30 * 60)
  await tick()
  expect(delivered.length).toBe(1)
  expect((await mailQueue.list(1))[0]?.lastError).toBe('the link expired before it was sent')
})

test('a mail that the server accepted is not sent again if its row could not be deleted', async () => {
  const { clock, tick, enqueue, delivered, mailQueue, events } = createWork()
  const { sent } = mailQueue
  mailQueue.sent = async () => {
    throw new Error('the database is down')
  }
  await enqueue()
  await tick()
  expect((await mailQueue.state()).waiting).toBe(1)
  mailQueue.sent = sent
  clock.advance(90)
  await tick()
  expect(delivered.length).toBe(1)
  expect((await mailQueue.state()).waiting).toBe(0)
  expect(events.map(({ type }) => type)).toEqual(['mail.sent'])
})

test.each([
  'jane@example.com\r\nBcc: eve@example.com',
  'jane@example.com, eve@example.com',
  'Jane <jane@example.com>',
  'jane',
  '',
])('a mail to %j is never handed to a mail server', async (to) => {
  const { tick, enqueue, delivered, mailQueue } = createWork()
  await enqueue({ to })
  await tick()
  expect(delivered).toEqual([])
  expect((await mailQueue.list(1))[0]?.lastError).toBe('the address is not valid')
})

test('a mail whose row was moved to another id or kind is never sent', async () => {
  const { tick, sealing, clock, delivered, mailQueue } = createWork()
  const mail = createComposeMail({ sealing, clock })(aMail())
  await mailQueue.enqueue({ ...mail, id: 'another' })
  await mailQueue.enqueue({ ...mail, kind: 'account_deleted' })
  await tick()
  expect(delivered).toEqual([])
  expect((await mailQueue.list(2)).map(({ lastError }) => lastError)).toEqual([
    'no key decrypts it',
    'no key decrypts it',
  ])
})

test('the record of a mail has no address and no link in clear text', async () => {
  const { enqueue, mailQueue } = createWork()
  await enqueue({ kind: 'reset_password', path: '/reset?token=secret-token', minutes: 30 })
  const text = JSON.stringify(await mailQueue.list(1))
  for (const secret of ['jane', 'example.com', 'secret-token', '/reset']) expect(text).not.toContain(secret)
})

test('two workers never send the same mail, and a mail of a worker that died is sent after its lease', async () => {
  const hanging = Promise.withResolvers<void>()
  const { clock, tick, enqueue, delivered, mailQueue } = createWork(() => hanging.promise)
  await enqueue()
  const run = tick()
  await expect.poll(() => delivered.length).toBe(1)
  const now = clock.now()
  expect(await mailQueue.lease(10, now, now)).toEqual([])
  clock.advance(90)
  expect((await mailQueue.lease(10, clock.now(), clock.now())).length).toBe(1)
  hanging.resolve()
  await run
})

test('a stop waits five seconds for a mail that is being sent, and starts no other mail', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const hanging = Promise.withResolvers<void>()
  const { tick, stop, enqueue, delivered, mailQueue } = createWork(() => hanging.promise)
  for (let count = 0; count < 5; count += 1) await enqueue()
  const run = tick()
  await vi.waitFor(() => expect(delivered.length).toBe(4))
  let stopped = false
  const stopping = stop().then(() => {
    stopped = true
  })
  await vi.advanceTimersByTimeAsync(4999)
  expect(stopped).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await stopping
  hanging.resolve()
  await run
  expect(delivered.length).toBe(4)
  expect((await mailQueue.state()).waiting).toBe(1)
})

test('a run ends after its last mail was sent, also if the database fails in the middle', async () => {
  const hanging = Promise.withResolvers<void>()
  const { tick, enqueue, mailQueue, delivered } = createWork(() => hanging.promise)
  await enqueue()
  const { lease } = mailQueue
  let leases = 0
  mailQueue.lease = async (...args) => {
    leases += 1
    if (leases > 1) throw new Error('the database is down')
    return lease(...args)
  }
  let ended = false
  const run = tick().catch((error: Error) => {
    ended = true
    return error.message
  })
  await vi.waitFor(() => expect(leases).toBe(4))
  await new Promise((resolve) => setImmediate(resolve))
  expect([delivered.length, ended]).toEqual([1, false])
  hanging.resolve()
  expect(await run).toBe('the database is down')
})

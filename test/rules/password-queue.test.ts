import { expect, test } from 'vitest'
import { createPasswordHashing } from '../../src/passwords/hash.ts'
import { createHashQueue } from '../../src/passwords/hash-queue.ts'
import { randomToken } from '../../src/secrets.ts'
import { Unavailable } from '../../src/unavailable.ts'

const gate = () => Promise.withResolvers<void>()

test('a full hash queue rejects new work at once and finishes the accepted work (F7)', async () => {
  const queue = createHashQueue({ concurrency: 2, maxWaiting: 3 })
  const { promise: opened, resolve: open } = gate()
  const accepted = Array.from({ length: 5 }, (_, i) => queue(() => opened.then(() => i)))

  const refused = await queue(async () => 'never run').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Unavailable)
  expect(refused).toMatchObject({ retryAfterSeconds: 1 })
  expect(queue.depth()).toEqual({ running: 2, waiting: 3 })

  open()
  expect(await Promise.all(accepted)).toEqual([0, 1, 2, 3, 4])
  expect(queue.depth()).toEqual({ running: 0, waiting: 0 })
  expect(await queue(async () => 'room again')).toBe('room again')
})

test('the hash queue runs at most `concurrency` jobs at a time, and a failed job frees its slot (F7)', async () => {
  const queue = createHashQueue({ concurrency: 3, maxWaiting: 100 })
  let running = 0
  let most = 0
  const work = async (i: number) => {
    running += 1
    most = Math.max(most, running)
    for (let turn = 0; turn <= i % 4; turn += 1) await Promise.resolve()
    running -= 1
    if (i % 5 === 0) throw new Error('work failed')
    return i
  }
  const results = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => queue(() => work(i))))
  expect(most).toBe(3)
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(20)
  expect(queue.depth()).toEqual({ running: 0, waiting: 0 })
})

test('a free slot of the hash queue goes to the job that waited longest (F7)', async () => {
  const queue = createHashQueue({ concurrency: 1, maxWaiting: 10 })
  const order: string[] = []
  const { promise: opened, resolve: open } = gate()
  const all = [queue(() => opened.then(() => queueNewcomer())), queue(async () => void order.push('waiting'))]
  const newcomers: Promise<unknown>[] = []
  const queueNewcomer = () => void newcomers.push(queue(async () => void order.push('newcomer')))
  open()
  await Promise.all(all)
  await Promise.all(newcomers)
  expect(order).toEqual(['waiting', 'newcomer'])
})

test('hashing and every verification go through the queue (F7)', async () => {
  const { promise: opened, resolve: open } = gate()
  const queue = createHashQueue({ concurrency: 1, maxWaiting: 0 })
  const { hash, verify } = createPasswordHashing({ queue })
  const stored = await hash(randomToken())
  const blocking = queue(() => opened)

  await expect(hash(randomToken())).rejects.toBeInstanceOf(Unavailable)
  await expect(verify(randomToken(), stored)).rejects.toBeInstanceOf(Unavailable)
  await expect(verify(randomToken(), undefined)).rejects.toBeInstanceOf(Unavailable)
  await expect(verify(randomToken(), `$2b$06$${'.'.repeat(53)}`)).rejects.toBeInstanceOf(Unavailable)
  open()
  await blocking
})

test('hashing a password does not block the event loop (F7)', async () => {
  const { hash } = createPasswordHashing({ queue: createHashQueue({ concurrency: 1, maxWaiting: 10 }) })
  let turns = 0
  const turning = setInterval(() => {
    turns += 1
  }, 1)
  await Promise.all(Array.from({ length: 5 }, () => hash(randomToken())))
  clearInterval(turning)
  expect(turns).toBeGreaterThan(5)
})

import { describe, expect, test } from 'vitest'
import { createPasswordHashing } from '../../src/passwords/hash.ts'
import { createHashQueue, type HashLane } from '../../src/passwords/hash-queue.ts'
import { randomToken } from '../../src/secrets.ts'
import { Unavailable } from '../../src/unavailable.ts'

const gate = () => Promise.withResolvers<void>()

test('a full hash queue rejects new work at once and finishes the accepted work (F7)', async () => {
  const queue = createHashQueue({ concurrency: 2, maxWaiting: 3 })
  const { promise: opened, resolve: open } = gate()
  const accepted = Array.from({ length: 5 }, (_, i) => queue('sign_in', () => opened.then(() => i)))

  const refused = await queue('sign_in', async () => 'never run').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Unavailable)
  expect(refused).toMatchObject({ retryAfterSeconds: 1 })
  expect(queue.depth()).toEqual({ running: 2, waiting: 3 })

  open()
  expect(await Promise.all(accepted)).toEqual([0, 1, 2, 3, 4])
  expect(queue.depth()).toEqual({ running: 0, waiting: 0 })
  expect(await queue('sign_in', async () => 'room again')).toBe('room again')
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
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) => queue('sign_in', () => work(i))),
  )
  expect(most).toBe(3)
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(20)
  expect(queue.depth()).toEqual({ running: 0, waiting: 0 })
})

test('a free slot of the hash queue goes to the job that waited longest (F7)', async () => {
  const queue = createHashQueue({ concurrency: 1, maxWaiting: 10 })
  const order: string[] = []
  const { promise: opened, resolve: open } = gate()
  const all = [
    queue('sign_in', () => opened.then(() => queueNewcomer())),
    queue('sign_in', async () => void order.push('waiting')),
  ]
  const newcomers: Promise<unknown>[] = []
  const queueNewcomer = () => void newcomers.push(queue('sign_in', async () => void order.push('newcomer')))
  open()
  await Promise.all(all)
  await Promise.all(newcomers)
  expect(order).toEqual(['waiting', 'newcomer'])
})

test('hashing and every verification go through the queue (F7)', async () => {
  const { promise: opened, resolve: open } = gate()
  const queue = createHashQueue({ concurrency: 1, maxWaiting: 0 })
  const { hash, verify } = createPasswordHashing({ queue })
  const stored = await hash(randomToken(), 'sign_in')
  const blocking = queue('sign_in', () => opened)

  await expect(hash(randomToken(), 'sign_in')).rejects.toBeInstanceOf(Unavailable)
  await expect(verify(randomToken(), stored, 'sign_in')).rejects.toBeInstanceOf(Unavailable)
  await expect(verify(randomToken(), undefined, 'sign_in')).rejects.toBeInstanceOf(Unavailable)
  await expect(verify(randomToken(), `$2b$06$${'.'.repeat(53)}`, 'sign_in')).rejects.toBeInstanceOf(
    Unavailable,
  )
  open()
  await blocking
})

test('hashing a password does not block the event loop (F7)', async () => {
  const { hash } = createPasswordHashing({ queue: createHashQueue({ concurrency: 1, maxWaiting: 10 }) })
  let turns = 0
  const turning = setInterval(() => {
    turns += 1
  }, 1)
  await Promise.all(Array.from({ length: 5 }, () => hash(randomToken(), 'sign_in')))
  clearInterval(turning)
  expect(turns).toBeGreaterThan(5)
})

describe('the lanes of the hash queue', () => {
  /** Fills the one slot and then the lanes. Returns the lanes in the order in which their work ran. */
  const run = async (waiting: readonly HashLane[], maxWaiting = 100) => {
    const queue = createHashQueue({ concurrency: 1, maxWaiting })
    const { promise: opened, resolve: open } = gate()
    const order: HashLane[] = []
    const blocking = queue('sign_in', () => opened)
    const all = waiting.map((lane) => queue(lane, async () => void order.push(lane)))
    const outcomes = Promise.allSettled(all)
    open()
    await blocking
    const rejected = (await outcomes).flatMap(({ status }, i) => (status === 'rejected' ? waiting[i] : []))
    return { order, rejected }
  }
  const many = (lane: HashLane, count: number) => Array.from({ length: count }, () => lane)

  test('a flood of sign-ups or of strangers leaves the waiting places of known devices free (F7)', async () => {
    const { order, rejected } = await run(
      [...many('sign_up', 100), ...many('sign_in', 100), ...many('known', 8)],
      8,
    )
    expect(order.slice(0, 8)).toEqual(many('known', 8))
    expect(rejected).toEqual([...many('sign_up', 98), ...many('sign_in', 92)])
  })

  test('sign-ups get every fourth slot while sign-ins wait (F7)', async () => {
    const { order } = await run([...many('sign_up', 4), ...many('sign_in', 12)])
    expect(order).toEqual(many('sign_up', 4).flatMap(() => [...many('sign_in', 3), 'sign_up']))
  })

  test('a lane alone gets every slot (F7)', async () => {
    for (const lane of ['sign_in', 'sign_up'] as const)
      expect((await run(many(lane, 10))).order).toEqual(many(lane, 10))
  })
})

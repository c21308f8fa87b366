// How the revocation feed reads the blacklist: how often, how much of it, and how long a request waits.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { secondsAfter } from '../../src/clock.ts'
import { createFeedReader } from '../../src/revocation/feed-reader.ts'
import { testClock } from '../support/clock.ts'
import { memoryBlacklist } from '../support/memory/blacklist.ts'

const limitMs = 300

const setUp = () => {
  const clock = testClock(new Date('2026-03-01T09:00:00Z'))
  const blacklist = memoryBlacklist()
  const reads: (Date | undefined)[] = []
  const state = { gate: Promise.resolve() }
  const reader = createFeedReader({
    clock,
    blacklist: {
      ...blacklist,
      list: async (now, since) => {
        reads.push(since)
        await state.gate
        return blacklist.list(now, since)
      },
    },
    memorySeconds: 1,
    overlapSeconds: 60,
    readAllSeconds: 60,
    limitMs,
  })
  return { clock, blacklist, reads, state, reader }
}

/** Whether the work is still waiting after everything that can run without a timer has run. */
const waits = async (work: Promise<unknown>): Promise<boolean> => {
  let done = false
  void work.then(() => {
    done = true
  })
  await vi.advanceTimersByTimeAsync(0)
  return !done
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

describe('reading the blacklist', () => {
  test('many requests in one second read the blacklist once', async () => {
    const { clock, reads, reader } = setUp()
    for (let request = 0; request < 20; request += 1) await reader.catchUp()
    expect(reads).toHaveLength(1)
    clock.advance(1)
    await reader.catchUp()
    expect(reads).toHaveLength(2)
  })

  test('the whole blacklist is read once a minute, and only its changes in between', async () => {
    const { clock, reads, reader } = setUp()
    const start = clock.now()
    await reader.refresh()
    clock.advance(59)
    await reader.refresh()
    clock.advance(1)
    await reader.refresh()
    clock.advance(1)
    await reader.refresh()
    expect(reads).toEqual([undefined, secondsAfter(start, -60), undefined, start])
  })

  test('an entry is published again if only its cutoff moved to the next second', async () => {
    const { clock, blacklist, reader } = setUp()
    const start = clock.now()
    const revoke = (milliseconds: number) =>
      blacklist.add({
        kind: 'sub',
        value: 'usr_1',
        cutoff: secondsAfter(start, milliseconds / 1000),
        revokedAt: clock.now(),
        expiresAt: secondsAfter(start, 660 + milliseconds / 1000),
      })
    await revoke(500)
    await reader.refresh()
    const revision = reader.revision()
    await revoke(1000)
    await reader.refresh()
    expect(reader.revision()).toBe(revision + 1)
    const [entry] = Object.values(reader.lists().sub)
    expect(entry?.cutoff).toBe(start.getTime() / 1000 + 1)
  })
})

describe('while the store is slow', () => {
  test('a request waits for the read that another request began', async () => {
    const { state, reads, reader } = setUp()
    const gate = Promise.withResolvers<void>()
    state.gate = gate.promise
    const requests = [reader.catchUp(), reader.catchUp()]
    for (const request of requests) expect(await waits(request)).toBe(true)
    gate.resolve()
    for (const request of requests) expect(await waits(request)).toBe(false)
    expect(reads).toHaveLength(1)
    expect(reader.asOf()).toBeDefined()
  })

  test('only the first requests wait, and the later ones are served from memory at once', async () => {
    const { clock, state, reads, reader } = setUp()
    await reader.refresh()
    clock.advance(20)
    const gate = Promise.withResolvers<void>()
    state.gate = gate.promise
    const first = reader.catchUp()
    expect(await waits(first)).toBe(true)
    await vi.advanceTimersByTimeAsync(limitMs)
    expect(await waits(first)).toBe(false)
    expect(await waits(reader.catchUp())).toBe(false)
    expect(reads).toHaveLength(2)

    gate.resolve()
    await vi.advanceTimersByTimeAsync(0)
    clock.advance(1)
    await reader.catchUp()
    expect(reads).toHaveLength(3)
  })

  test('a read that ends just at the limit does not stop the later reads', async () => {
    const { clock, state, reads, reader } = setUp()
    const gate = Promise.withResolvers<void>()
    state.gate = gate.promise
    const first = reader.catchUp()
    // Both timers fire before anything that waits for them continues.
    gate.resolve()
    vi.advanceTimersByTime(limitMs)
    await first
    await vi.advanceTimersByTimeAsync(0)
    clock.advance(1)
    await reader.catchUp()
    expect(reads).toHaveLength(2)
  })
})

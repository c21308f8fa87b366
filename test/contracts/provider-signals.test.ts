import { expect, test } from 'vitest'
import { secondsAfter } from '../../src/clock.ts'
import type { ProviderSignal } from '../../src/identities/signals.ts'
import { randomToken } from '../../src/secrets.ts'
import { testClock } from '../support/clock.ts'
import { atOnce, onLastingBackends } from './lasting-backends.ts'

const at = (seconds: number) => secondsAfter(testClock().now(), seconds)

const aSignal = (facts: Partial<ProviderSignal> = {}): ProviderSignal => ({
  id: randomToken(16),
  provider: 'kakao',
  subject: randomToken(8),
  action: 'end_sessions',
  occurredAt: at(-5),
  receivedAt: at(0),
  ...facts,
})

onLastingBackends('provider signals', (stores) => {
  const store = () => stores('providerSignals')
  const enqueue = async (...signals: ProviderSignal[]) => {
    for (const signal of signals) expect(await store().enqueue(signal)).toBe('enqueued')
  }
  /** Finishes the signals of other tests, because all tests share one queue. */
  const emptyQueue = async () => {
    for (let taken = await store().lease(100, at(1e9), at(1e9)); taken.length > 0; ) {
      for (const { id } of taken) await store().done(id, at(0))
      taken = await store().lease(100, at(1e9), at(1e9))
    }
  }

  test('signals are leased exactly as they were stored, in order of arrival', async () => {
    await emptyQueue()
    const signals = [
      aSignal({ action: 'end_connection', subject: '4815162342' }),
      aSignal({ provider: 'google', action: 'disable', receivedAt: at(-10), occurredAt: at(-20) }),
      aSignal({ subject: 'ひ한 "\'' }),
    ]
    await enqueue(...signals)
    expect(await store().lease(2, at(1), at(60))).toStrictEqual(signals.slice(0, 2))
    expect(await store().lease(2, at(1), at(60))).toStrictEqual(signals.slice(2))
  })

  test('a signal with a known id is a duplicate, even after the first one is done', async () => {
    await emptyQueue()
    const signal = aSignal()
    await enqueue(signal)
    expect(await store().enqueue({ ...signal, action: 'disable' })).toBe('duplicate')
    expect(await store().lease(10, at(1), at(60))).toStrictEqual([signal])
    await store().done(signal.id, at(2))
    await store().done(signal.id, at(3))
    expect(await store().enqueue(signal)).toBe('duplicate')
    expect(await store().lease(10, at(1000), at(2000))).toEqual([])
  })

  test('a signal that is leased but not done is due again when the lease ends', async () => {
    await emptyQueue()
    const signal = aSignal()
    await enqueue(signal)
    expect(await store().lease(10, at(0), at(60))).toHaveLength(1)
    expect(await store().lease(10, at(59), at(99))).toEqual([])
    expect(await store().lease(10, at(60), at(99))).toStrictEqual([signal])
  })

  test('a lease returns only the oldest open signal of each person', async () => {
    await emptyQueue()
    const [disable, other] = [aSignal({ action: 'disable' }), aSignal()]
    const enable = aSignal({ action: 'enable', subject: disable.subject })
    const namesake = aSignal({ provider: 'google', subject: disable.subject })
    await enqueue(disable, enable, other, namesake)
    expect(await store().lease(10, at(0), at(60))).toStrictEqual([disable, other, namesake])
    expect(await store().lease(10, at(0), at(60))).toEqual([])
    await store().done(disable.id, at(1))
    expect(await store().lease(10, at(1), at(60))).toStrictEqual([enable])
  })

  test('a signal that is done keeps no subject, and does not block a signal with an empty subject', async () => {
    await emptyQueue()
    const [done, waits] = [aSignal(), aSignal({ subject: '' })]
    await enqueue(done)
    await store().lease(10, at(0), at(60))
    await store().done(done.id, at(1))
    await enqueue(waits)
    expect(await store().lease(10, at(1), at(60))).toStrictEqual([waits])
  })

  test('done ignores an unknown signal id', async () => {
    await store().done(randomToken(), at(0))
  })

  test('exactly one of 50 concurrent signals with the same id is enqueued', async () => {
    await emptyQueue()
    const signal = aSignal()
    const answers = await atOnce(50, () => store().enqueue(signal))
    expect(answers.filter((answer) => answer === 'enqueued')).toHaveLength(1)
    expect(await store().lease(10, at(1), at(60))).toStrictEqual([signal])
  })

  test('concurrent workers never lease the same signal, and together they lease all', async () => {
    await emptyQueue()
    const signals = Array.from({ length: 60 }, () => aSignal())
    await enqueue(...signals)
    const leased = await atOnce(20, () => store().lease(5, at(0), at(60)))
    const ids = leased.flat().map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const rest = []
    for (let more = await store().lease(5, at(0), at(60)); more.length > 0; ) {
      rest.push(...more.map(({ id }) => id))
      more = await store().lease(5, at(0), at(60))
    }
    expect([...ids, ...rest].sort()).toEqual(signals.map(({ id }) => id).sort())
  })
})

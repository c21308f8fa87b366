import { expect, test } from 'vitest'
import { secondsAfter } from '../../src/clock.ts'
import { randomToken } from '../../src/secrets.ts'
import { testClock } from '../support/clock.ts'
import { atOnce, onLastingBackends } from './lasting-backends.ts'

const at = (seconds: number) => secondsAfter(testClock().now(), seconds)

const aDisconnectRequest = (
  facts: { provider?: string; encryptedToken?: string; requestedAt?: Date } = {},
) => ({
  provider: 'kakao',
  subject: randomToken(8),
  requestedAt: at(0),
  ...facts,
})

onLastingBackends('disconnect requests', (stores) => {
  const store = () => stores('disconnectRequests')
  /** Removes the requests of other tests, because all tests share one queue. */
  const emptyQueue = async () => {
    for (const { provider, subject } of await store().lease(1000, at(1e9), at(1e9)))
      await store().done(provider, subject)
  }

  test('a lease returns disconnect requests as they were stored, oldest first, with the number of attempts', async () => {
    await emptyQueue()
    const [plain, full] = [
      aDisconnectRequest(),
      aDisconnectRequest({ encryptedToken: 'sealed', requestedAt: at(-1) }),
    ]
    await store().enqueue(plain)
    await store().enqueue(full)
    expect(await store().lease(10, at(0), at(60))).toStrictEqual([
      { ...full, attempts: 1 },
      { ...plain, attempts: 1 },
    ])
    expect(await store().lease(10, at(59), at(99))).toEqual([])
    expect(await store().lease(1, at(60), at(99))).toStrictEqual([{ ...full, attempts: 2 }])
  })

  test('a postponed disconnect request is due at its new time, and a finished one is never due', async () => {
    await emptyQueue()
    const request = aDisconnectRequest()
    await store().enqueue(request)
    await store().lease(10, at(0), at(60))
    await store().postpone(request.provider, request.subject, at(600))
    expect(await store().lease(10, at(599), at(999))).toEqual([])
    expect(await store().lease(10, at(600), at(660))).toStrictEqual([{ ...request, attempts: 2 }])
    await store().done(request.provider, request.subject)
    await store().done(request.provider, request.subject)
    await store().postpone(request.provider, request.subject, at(600))
    expect(await store().lease(10, at(1e6), at(1e6))).toEqual([])
  })

  test('a repeated disconnect request replaces the first one and starts with no attempts', async () => {
    await emptyQueue()
    const request = aDisconnectRequest({ encryptedToken: 'old' })
    await store().enqueue(request)
    await store().lease(10, at(0), at(600))
    const again = { ...request, encryptedToken: 'new', requestedAt: at(10) }
    await store().enqueue(again)
    await store().enqueue({ ...request, provider: 'google', requestedAt: at(11) })
    expect(await store().lease(10, at(11), at(60))).toStrictEqual([
      { ...again, attempts: 1 },
      { ...request, provider: 'google', requestedAt: at(11), attempts: 1 },
    ])
  })

  test('concurrent workers never lease the same disconnect request', async () => {
    await emptyQueue()
    for (let count = 0; count < 40; count += 1) await store().enqueue(aDisconnectRequest())
    const leased = (await atOnce(20, () => store().lease(5, at(0), at(60)))).flat()
    expect(new Set(leased.map(({ subject }) => subject)).size).toBe(leased.length)
    expect(leased.every(({ attempts }) => attempts === 1)).toBe(true)
    const rest = await store().lease(100, at(0), at(60))
    expect(leased.length + rest.length).toBe(40)
  })

  test('20 concurrent requests to disconnect the same identity are stored once', async () => {
    await emptyQueue()
    const request = aDisconnectRequest()
    await atOnce(20, () => store().enqueue(request))
    expect(await store().lease(100, at(0), at(60))).toStrictEqual([{ ...request, attempts: 1 }])
  })
})

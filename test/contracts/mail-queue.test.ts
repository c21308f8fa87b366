import { expect, test } from 'vitest'
import { secondsAfter } from '../../src/clock.ts'
import type { QueuedMail } from '../../src/mail/mail-queue.ts'
import { randomToken } from '../../src/secrets.ts'
import { testClock } from '../support/clock.ts'
import { atOnce, onLastingBackends } from './lasting-backends.ts'

const at = (seconds: number) => secondsAfter(testClock().now(), seconds)

const aMail = (facts: Partial<QueuedMail> = {}): QueuedMail => ({
  id: randomToken(16),
  kind: 'password_changed',
  sealed: 'v1.sealed',
  createdAt: at(0),
  ...facts,
})

onLastingBackends('the mail queue', (stores) => {
  const store = () => stores('mailQueue')
  /** Removes the mails of other tests, because all tests share one queue. */
  const emptyQueue = async () => {
    for (const { id } of await store().list(1000)) await store().sent(id)
  }

  test('a lease returns due mails as they were stored, oldest first, with the number of attempts', async () => {
    await emptyQueue()
    const [plain, full] = [aMail(), aMail({ userId: 'usr_1', createdAt: at(-1), kind: 'reset_password' })]
    await store().enqueue(plain)
    await store().enqueue(full)
    expect(await store().lease(10, at(-2), at(60))).toEqual([])
    expect(await store().lease(10, at(0), at(60))).toStrictEqual([
      { ...full, attempts: 1, dueAt: at(60) },
      { ...plain, attempts: 1, dueAt: at(60) },
    ])
    expect(await store().lease(10, at(59), at(99))).toEqual([])
    expect(await store().lease(1, at(60), at(99))).toStrictEqual([{ ...full, attempts: 2, dueAt: at(99) }])
  })

  test('a postponed mail is due at its new time, and a sent mail is never due', async () => {
    await emptyQueue()
    const mail = aMail()
    await store().enqueue(mail)
    await store().lease(10, at(0), at(60))
    await store().postpone(mail.id, at(600), 'ETIMEDOUT')
    expect(await store().lease(10, at(599), at(999))).toEqual([])
    expect(await store().lease(10, at(600), at(660))).toStrictEqual([
      { ...mail, attempts: 2, dueAt: at(660), lastError: 'ETIMEDOUT' },
    ])
    await store().sent(mail.id)
    await store().sent(mail.id)
    await store().postpone(mail.id, at(600), 'ETIMEDOUT')
    await store().giveUp(mail.id, at(600), 'ETIMEDOUT')
    expect(await store().list(10)).toEqual([])
    expect(await store().state()).toStrictEqual({ waiting: 0, failed: 0 })
  })

  test('a dead letter is never leased, and is due at once after a retry', async () => {
    await emptyQueue()
    const [dead, other, waiting] = [aMail(), aMail({ createdAt: at(1) }), aMail({ createdAt: at(-9) })]
    for (const mail of [dead, other, waiting]) await store().enqueue(mail)
    await store().lease(10, at(1), at(60))
    await store().giveUp(dead.id, at(5), '550')
    await store().giveUp(other.id, at(6), '550')
    expect((await store().lease(10, at(60), at(99))).map(({ id }) => id)).toEqual([waiting.id])
    expect(await store().state()).toStrictEqual({ waiting: 1, waitingSince: at(-9), failed: 2 })
    const listed = await store().list(10)
    expect(listed.map(({ id }) => id)).toEqual([dead.id, other.id, waiting.id])
    expect(listed[0]).toStrictEqual({
      ...dead,
      attempts: 1,
      dueAt: at(60),
      lastError: '550',
      failedAt: at(5),
    })
    expect((await store().list(2)).length).toBe(2)

    expect(await store().retry(at(70), 'unknown')).toBe(0)
    expect(await store().retry(at(70), waiting.id)).toBe(0)
    expect(await store().retry(at(70), dead.id)).toBe(1)
    expect(await store().retry(at(70), dead.id)).toBe(0)
    expect(await store().lease(10, at(70), at(90))).toStrictEqual([
      { ...dead, attempts: 1, dueAt: at(90), lastError: '550' },
    ])
    expect(await store().retry(at(71))).toBe(1)
    expect(await store().state()).toStrictEqual({ waiting: 3, waitingSince: at(-9), failed: 0 })
  })

  test('concurrent workers never lease the same mail', async () => {
    // Several rounds, because a store without locks may be lucky once.
    for (let round = 0; round < 3; round += 1) {
      await emptyQueue()
      for (let count = 0; count < 40; count += 1) await store().enqueue(aMail())
      const leased = (await atOnce(20, () => store().lease(5, at(0), at(60)))).flat()
      expect(new Set(leased.map(({ id }) => id)).size).toBe(leased.length)
      expect(leased.every(({ attempts }) => attempts === 1)).toBe(true)
      const rest = await store().lease(100, at(0), at(60))
      expect(leased.length + rest.length).toBe(40)
    }
  })
})

import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { concurrently, onExpiringBackends } from './expiring-backends.ts'
import { at } from './records.ts'

onExpiringBackends('usedOnce', ({ store, instances }) => {
  test('an id is used once, and another id is not affected (A4, F14)', async () => {
    const [id, other] = [randomToken(), randomToken()]
    expect(await store().isUsed(id)).toBe(false)
    expect(await store().use(id, at(0), at(600))).toBe('first')
    expect(await store().use(id, at(1), at(700))).toBe('again')
    expect(await store().isUsed(id)).toBe(true)
    expect(await store().isUsed(other)).toBe(false)
  })

  test('exactly one of 100 concurrent calls with the same id is the first (A4, F14)', async () => {
    const id = randomToken()
    const answers = await concurrently(100, instances(), (each) => each.use(id, at(0), at(600)))
    expect(answers.filter((answer) => answer === 'first')).toHaveLength(1)
  })
})

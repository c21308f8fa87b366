import { expect, test } from 'vitest'
import { hashToken, randomToken } from '../../src/secrets.ts'
import { concurrently, onEveryStore } from './expiring-backends.ts'
import { anAttempt, anOffer } from './records.ts'

onEveryStore('upstreamAttempts', ({ store, instances }) => {
  const begun = async (facts: Parameters<typeof anAttempt>[0] = {}) => {
    const attempt = anAttempt(facts)
    await store().begin(attempt)
    return attempt
  }
  const offered = async (facts: Parameters<typeof anOffer>[0] = {}) => {
    const offer = anOffer(facts)
    await store().offer(offer)
    return offer
  }

  test('an attempt comes back as it was, absent members absent', async () => {
    const plain = await begun()
    const full = await begun({
      provider: 'google',
      requestId: randomToken(),
      purpose: 'link',
      sessionId: 'usr_x.y',
      offerId: randomToken(),
    })
    for (const attempt of [plain, full])
      expect(await store().take(attempt.stateHash, attempt)).toStrictEqual({ outcome: 'taken', attempt })
  })

  test('an attempt is taken once (F14)', async () => {
    const attempt = await begun()
    await store().take(attempt.stateHash, attempt)
    expect(await store().take(attempt.stateHash, attempt)).toStrictEqual({ outcome: 'unknown' })
  })

  test('of 100 concurrent takes exactly one gets the attempt (F14)', async () => {
    const attempt = await begun()
    const answers = await concurrently(100, instances(), (store) => store.take(attempt.stateHash, attempt))
    expect(answers.filter(({ outcome }) => outcome === 'taken')).toStrictEqual([
      { outcome: 'taken', attempt },
    ])
    expect(answers.filter(({ outcome }) => outcome === 'unknown')).toHaveLength(99)
  })

  test('another browser or provider takes nothing, and leaves the attempt to whom it belongs (F14)', async () => {
    const attempt = await begun()
    const otherBrowser = { ...attempt, browserHash: hashToken('another') }
    const otherProvider = { ...attempt, provider: 'google' }
    for (const whose of [otherBrowser, otherProvider])
      expect(await store().take(attempt.stateHash, whose)).toStrictEqual({ outcome: 'foreign' })
    expect((await store().take(attempt.stateHash, attempt)).outcome).toBe('taken')
  })

  test('an offered link comes back as it was, is found as often as wanted and taken once', async () => {
    const plain = await offered()
    const full = await offered({
      email: '"홍 길동"@예시.한국',
      emailVerified: true,
      name: '홍길동 \u2028 "x"',
      encryptedToken: 'v1.abc',
      requestId: randomToken(),
    })
    for (const offer of [plain, full]) {
      expect(await store().findOffer(offer.idHash)).toStrictEqual(offer)
      expect(await store().findOffer(offer.idHash)).toStrictEqual(offer)
      expect(await store().takeOffer(offer.idHash)).toStrictEqual(offer)
      expect(await store().takeOffer(offer.idHash)).toBeUndefined()
      expect(await store().findOffer(offer.idHash)).toBeUndefined()
    }
  })

  test('of 100 concurrent takes exactly one gets the offered link', async () => {
    const offer = await offered()
    const answers = await concurrently(100, instances(), (store) => store.takeOffer(offer.idHash))
    expect(answers.filter((answer) => answer !== undefined)).toStrictEqual([offer])
  })
})

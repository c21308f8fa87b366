import { expect, test } from 'vitest'
import { hashToken, randomToken } from '../../src/secrets.ts'
import { concurrently, onExpiringBackends } from './expiring-backends.ts'
import { aLinkConfirmation, anAttempt } from './records.ts'

onExpiringBackends('upstreamAttempts', ({ store, instances }) => {
  const begun = async (facts: Parameters<typeof anAttempt>[0] = {}) => {
    const attempt = anAttempt(facts)
    await store().begin(attempt)
    return attempt
  }
  const stored = async (facts: Parameters<typeof aLinkConfirmation>[0] = {}) => {
    const confirmation = aLinkConfirmation(facts)
    await store().requestConfirmation(confirmation)
    return confirmation
  }

  test('an upstream attempt is returned exactly as it was stored, and absent members stay absent', async () => {
    const plain = await begun()
    const full = await begun({
      provider: 'google',
      requestId: randomToken(),
      purpose: 'link',
      sessionId: 'usr_x.y',
      confirmationId: randomToken(),
    })
    for (const attempt of [plain, full])
      expect(await store().take(attempt.stateHash, attempt)).toStrictEqual({ outcome: 'taken', attempt })
  })

  test('an upstream attempt is taken once (F14)', async () => {
    const attempt = await begun()
    await store().take(attempt.stateHash, attempt)
    expect(await store().take(attempt.stateHash, attempt)).toStrictEqual({ outcome: 'unknown' })
  })

  test('exactly one of 100 concurrent calls of take gets the upstream attempt (F14)', async () => {
    const attempt = await begun()
    const answers = await concurrently(100, instances(), (store) => store.take(attempt.stateHash, attempt))
    expect(answers.filter(({ outcome }) => outcome === 'taken')).toStrictEqual([
      { outcome: 'taken', attempt },
    ])
    expect(answers.filter(({ outcome }) => outcome === 'unknown')).toHaveLength(99)
  })

  test('another browser or provider cannot take an upstream attempt, and the right one still can (F14)', async () => {
    const attempt = await begun()
    const otherBrowser = { ...attempt, browserHash: hashToken('another') }
    const otherProvider = { ...attempt, provider: 'google' }
    for (const whose of [otherBrowser, otherProvider])
      expect(await store().take(attempt.stateHash, whose)).toStrictEqual({ outcome: 'foreign' })
    expect((await store().take(attempt.stateHash, attempt)).outcome).toBe('taken')
  })

  test('a link confirmation is returned exactly as it was stored, is found repeatedly and taken once', async () => {
    const plain = await stored()
    const full = await stored({
      email: '"홍 길동"@예시.한국',
      emailVerified: true,
      name: '홍길동 \u2028 "x"',
      encryptedToken: 'v1.abc',
      requestId: randomToken(),
    })
    for (const confirmation of [plain, full]) {
      expect(await store().findConfirmation(confirmation.idHash)).toStrictEqual(confirmation)
      expect(await store().findConfirmation(confirmation.idHash)).toStrictEqual(confirmation)
      expect(await store().takeConfirmation(confirmation.idHash)).toStrictEqual(confirmation)
      expect(await store().takeConfirmation(confirmation.idHash)).toBeUndefined()
      expect(await store().findConfirmation(confirmation.idHash)).toBeUndefined()
    }
  })

  test('exactly one of 100 concurrent calls of takeConfirmation gets the link confirmation', async () => {
    const confirmation = await stored()
    const answers = await concurrently(100, instances(), (store) =>
      store.takeConfirmation(confirmation.idHash),
    )
    expect(answers.filter((answer) => answer !== undefined)).toStrictEqual([confirmation])
  })
})

import { expect, test } from 'vitest'
import { hashToken, randomToken } from '../../src/secrets.ts'
import { concurrently, onExpiringBackends } from './expiring-backends.ts'
import { aLinkConfirmation, at } from './records.ts'

onExpiringBackends('linkConfirmations', ({ store, instances }) => {
  const stored = async (facts: Parameters<typeof aLinkConfirmation>[0] = {}) => {
    const confirmation = aLinkConfirmation(facts)
    await store().request(confirmation)
    return confirmation
  }
  const full = {
    email: '"홍 길동"@예시.한국',
    emailVerified: true,
    name: '홍길동 \u2028 "x"',
    encryptedToken: 'v1.abc',
    requestId: randomToken(),
  }

  test('a link confirmation is returned exactly as it was stored, is found repeatedly and taken once', async () => {
    for (const confirmation of [await stored(), await stored(full)]) {
      expect(await store().find(confirmation.idHash)).toStrictEqual(confirmation)
      expect(await store().find(confirmation.idHash)).toStrictEqual(confirmation)
      expect(await store().take(confirmation.idHash)).toStrictEqual(confirmation)
      expect(await store().take(confirmation.idHash)).toBeUndefined()
      expect(await store().find(confirmation.idHash)).toBeUndefined()
    }
  })

  test('a link confirmation replaces the earlier one with its id, and keeps none of its members (H13)', async () => {
    const { idHash } = await stored(full)
    const second = await stored({ idHash, browserHash: hashToken('another'), expiresAt: at(700) })
    expect(await store().find(idHash)).toStrictEqual(second)
  })

  test('exactly one of 100 concurrent calls of take gets the link confirmation', async () => {
    const confirmation = await stored()
    const answers = await concurrently(100, instances(), (store) => store.take(confirmation.idHash))
    expect(answers.filter((answer) => answer !== undefined)).toStrictEqual([confirmation])
  })
})

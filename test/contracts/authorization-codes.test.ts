import { expect, test } from 'vitest'
import { hashToken, randomToken } from '../../src/secrets.ts'
import { newFamilyId } from '../../src/sessions/family.ts'
import type { AuthorizationCode } from '../../src/tokens/authorization-code.ts'
import { concurrently, onExpiringBackends } from './expiring-backends.ts'
import { aCode, at } from './records.ts'

onExpiringBackends('authorizationCodes', ({ store, instances }) => {
  const issued = async (facts: Partial<AuthorizationCode> = {}): Promise<AuthorizationCode> => {
    const code = aCode(facts)
    await store().issue(code)
    return code
  }

  test('a code is returned with everything it is bound to, and absent members stay absent (A4)', async () => {
    const plain = await issued()
    const full = await issued({
      scope: ['openid', 'email'],
      resource: ['https://api.example.com'],
      nonce: 'n "o" 한글',
      codeChallenge: hashToken(randomToken()),
      amr: ['pwd', 'otp'],
      authTime: at(-100),
    })
    expect(await store().find(plain.codeHash)).toStrictEqual(plain)
    expect(await store().find(full.codeHash)).toStrictEqual(full)
  })

  test('an unknown code is not found, and redeeming it stores nothing', async () => {
    const { codeHash } = aCode()
    expect(await store().find(codeHash)).toBeUndefined()
    expect(await store().redeem(codeHash, newFamilyId(), at(1))).toStrictEqual({ outcome: 'gone' })
    expect(await store().find(codeHash)).toBeUndefined()
  })

  test('exactly one of 50 concurrent redemptions of a code succeeds (A4)', async () => {
    const code = await issued()
    const families = Array.from({ length: 50 }, newFamilyId)
    const answers = await concurrently(50, instances(), (codes, number) =>
      codes.redeem(code.codeHash, families[number] ?? '', at(1)),
    )
    const winner = answers.findIndex(({ outcome }) => outcome === 'redeemed')
    const redeemedBy = families[winner]
    expect(answers.filter(({ outcome }) => outcome === 'redeemed')).toHaveLength(1)
    expect(answers.filter(({ outcome }) => outcome !== 'redeemed')).toStrictEqual(
      Array.from({ length: 49 }, () => ({ outcome: 'reused', redeemedBy })),
    )
    expect(await store().find(code.codeHash)).toStrictEqual({ ...code, redeemedBy })
  })

  test('a second redemption of a code returns the family that the first one started (A5)', async () => {
    const code = await issued()
    const first = newFamilyId()
    expect(await store().redeem(code.codeHash, first, at(10))).toStrictEqual({ outcome: 'redeemed' })
    expect(await store().redeem(code.codeHash, newFamilyId(), at(20))).toStrictEqual({
      outcome: 'reused',
      redeemedBy: first,
    })
  })

  test('a code is redeemed one millisecond before its expiry, and not at its expiry (A4)', async () => {
    const [early, late] = [await issued(), await issued()]
    expect(await store().redeem(early.codeHash, newFamilyId(), at(59.999))).toStrictEqual({
      outcome: 'redeemed',
    })
    expect(await store().redeem(late.codeHash, newFamilyId(), at(60))).toStrictEqual({ outcome: 'gone' })
    expect((await store().find(late.codeHash))?.redeemedBy).toBeUndefined()
  })

  test('a redeemed code is still found after its expiry, with its family (A5)', async () => {
    const code = await issued()
    const first = newFamilyId()
    await store().redeem(code.codeHash, first, at(10))
    expect(await store().redeem(code.codeHash, newFamilyId(), at(600))).toStrictEqual({ outcome: 'gone' })
    expect(await store().find(code.codeHash)).toStrictEqual({ ...code, redeemedBy: first })
  })
})

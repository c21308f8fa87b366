import { describe, expect, test } from 'vitest'
import { kakaoEmail, readKakaoUser } from '../../src/login/upstream/kakao.ts'
import { nameOf } from '../../src/login/upstream/person-facts.ts'

describe('what Kakao says of a person', () => {
  test('an id that no JavaScript number holds stays as it was written (F9)', () => {
    expect(readKakaoUser('{"id":9007199254740993}').id).toBe('9007199254740993')
    expect(readKakaoUser('{ "id" : 123456789012345678901234567890 }').id).toBe(
      '123456789012345678901234567890',
    )
    expect(readKakaoUser('{"id":3141592653}').id).toBe('3141592653')
  })

  test.each(['', '[]', 'null', '"x"', '{', '<html>'])('%j is refused without repeating it', (body) => {
    expect(() => readKakaoUser(body)).toThrow('the user response is malformed')
  })
})

describe('a Kakao address (F12)', () => {
  const full = {
    email: 'a@b.example',
    email_needs_agreement: false,
    is_email_valid: true,
    is_email_verified: true,
  }

  test('with all that proves it', () => {
    expect(kakaoEmail(full)).toEqual({ email: 'a@b.example', emailVerified: true })
    const { email_needs_agreement: _, ...unasked } = full
    expect(kakaoEmail(unasked)).toEqual({ email: 'a@b.example', emailVerified: true })
  })

  test.each([
    ['not valid', { is_email_valid: false }],
    ['valid not said', { is_email_valid: undefined }],
    ['valid in text', { is_email_valid: 'true' }],
    ['not verified', { is_email_verified: false }],
    ['verified not said', { is_email_verified: undefined }],
    ['verified in text', { is_email_verified: 'true' }],
  ])('%s: kept, not proven', (_what, change) => {
    expect(kakaoEmail({ ...full, ...change })).toEqual({ email: 'a@b.example', emailVerified: false })
  })

  test.each([
    ['not agreed to, though it is there', { email_needs_agreement: true }],
    ['absent', { email: undefined }],
    ['not a text', { email: 7 }],
    ['not an address', { email: 'nobody' }],
    ['of two lines', { email: 'a@b.example\nx: y' }],
  ])('%s: none', (_what, change) => {
    expect(kakaoEmail({ ...full, ...change })).toEqual({ emailVerified: false })
  })

  test.each([undefined, null, 'x', [], 7])('instead of an account %j: none', (account) => {
    expect(kakaoEmail(account)).toEqual({ emailVerified: false })
  })
})

test('a name is one line of at most 100 characters, whatever the provider sends', () => {
  expect(nameOf('  홍길동\n\u0000 ')).toBe('홍길동')
  expect(nameOf('🙂'.repeat(200))).toBe('🙂'.repeat(100))
  expect(nameOf('')).toBeUndefined()
  expect(nameOf('\n')).toBeUndefined()
  expect(nameOf(7)).toBeUndefined()
})

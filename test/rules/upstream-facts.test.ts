import { describe, expect, test } from 'vitest'
import { kakaoEmail, readKakaoUser } from '../../src/login/upstream/kakao.ts'
import { nameOf } from '../../src/login/upstream/person-facts.ts'

describe('Kakao’s answer about a person', () => {
  test('an id that is too large for a JavaScript number keeps all its digits (F9)', () => {
    expect(readKakaoUser('{"id":9007199254740993}').id).toBe('9007199254740993')
    expect(readKakaoUser('{ "id" : 123456789012345678901234567890 }').id).toBe(
      '123456789012345678901234567890',
    )
    expect(readKakaoUser('{"id":3141592653}').id).toBe('3141592653')
  })

  test.each(['', '[]', 'null', '"x"', '{', '<html>'])(
    'rejects the answer %j without repeating it in the error',
    (body) => {
      expect(() => readKakaoUser(body)).toThrow('the user response is malformed')
    },
  )
})

describe('a Kakao address (F12)', () => {
  const full = {
    email: 'a@b.example',
    email_needs_agreement: false,
    is_email_valid: true,
    is_email_verified: true,
  }

  test('an address that is shared, valid and verified counts as verified', () => {
    expect(kakaoEmail(full)).toEqual({ email: 'a@b.example', emailVerified: true })
    const { email_needs_agreement: _, ...unasked } = full
    expect(kakaoEmail(unasked)).toEqual({ email: 'a@b.example', emailVerified: true })
  })

  test.each([
    ['is_email_valid is false', { is_email_valid: false }],
    ['is_email_valid is absent', { is_email_valid: undefined }],
    ['is_email_valid is a string', { is_email_valid: 'true' }],
    ['is_email_verified is false', { is_email_verified: false }],
    ['is_email_verified is absent', { is_email_verified: undefined }],
    ['is_email_verified is a string', { is_email_verified: 'true' }],
  ])('keeps the address as unverified if %s', (_fault, change) => {
    expect(kakaoEmail({ ...full, ...change })).toEqual({ email: 'a@b.example', emailVerified: false })
  })

  test.each([
    ['the person did not agree to share it', { email_needs_agreement: true }],
    ['it is absent', { email: undefined }],
    ['it is not a string', { email: 7 }],
    ['it is not an e-mail address', { email: 'nobody' }],
    ['it has two lines', { email: 'a@b.example\nx: y' }],
  ])('returns no address if %s', (_reason, change) => {
    expect(kakaoEmail({ ...full, ...change })).toEqual({ emailVerified: false })
  })

  test.each([[undefined], [null], ['x'], [[]], [7]])(
    'returns no address if kakao_account is %j',
    (account) => {
      expect(kakaoEmail(account)).toEqual({ emailVerified: false })
    },
  )
})

test('shortens a provider’s name to one line of at most 100 characters', () => {
  expect(nameOf('  홍길동\n\u0000 ')).toBe('홍길동')
  expect(nameOf('🙂'.repeat(200))).toBe('🙂'.repeat(100))
  expect(nameOf('Jane \u202eenoj')).toBe('Jane enoj')
  expect(nameOf('')).toBeUndefined()
  expect(nameOf('\n')).toBeUndefined()
  expect(nameOf(7)).toBeUndefined()
})

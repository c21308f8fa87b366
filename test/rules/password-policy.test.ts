import { readFileSync } from 'node:fs'
import { dictionary } from '@zxcvbn-ts/language-common'
import { describe, expect, test } from 'vitest'
import { createPasswordFaults, type PasswordFaults } from '../../src/passwords/policy.ts'
import { useIssuer } from '../support/use-issuer.ts'

const faultsWith = (minPasswordLength: number): PasswordFaults =>
  createPasswordFaults({ issuer: 'https://id.example.com', minPasswordLength })

const passwordFaults = (password: string, about: Parameters<PasswordFaults>[1] = {}) =>
  faultsWith(15)(password, about)

/** The same numbers at each run, so that a failure can be repeated (a linear congruential generator). */
const seededRandom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe('length and characters of a password', () => {
  test('a password needs 15 characters, counted as code points (F2)', async () => {
    expect(await passwordFaults('kT9#vLq2$wZx7p')).toEqual(['password_too_short'])
    expect(await passwordFaults('kT9#vLq2$wZx7p!')).toEqual([])
    // Fourteen emoji are fourteen characters, though 28 UTF-16 units.
    expect(await passwordFaults('🦊🐢🦉🐙🦋🐝🦄🐬🦔🐌🦀🐧🦜🐊')).toEqual(['password_too_short'])
  })

  test('a configured length counts instead of 15, and shorter passwords must be as hard to guess (F2)', async () => {
    expect(await faultsWith(8)('kT9#vLq', {})).toEqual(['password_too_short'])
    expect(await faultsWith(8)('kT9#vLq$', {})).toEqual([])
    for (const guessed of ['sunshine', 'P@ssw0rd', 'dragon88', 'asdfghjk', '19890412'])
      expect(await faultsWith(8)(guessed, {}), guessed).toEqual(['password_common'])
    expect(await faultsWith(30)('wipe cactus ninety plaster', {})).toEqual(['password_too_short'])
    expect(await faultsWith(30)('wipe cactus ninety plaster owl', {})).toEqual([])
  })

  test('a password may be longer than 64 characters, but not longer than 1,024 bytes (F2)', async () => {
    const long = 'wipe cactus ninety plaster gondola ferment eyebrow sulphur mantis owl'
    expect(long.length).toBeGreaterThan(64)
    expect(await passwordFaults(long)).toEqual([])
    expect(await passwordFaults('ax9'.repeat(400))).toEqual(['password_too_long'])
  })

  test.each([
    'wipe cactus ninety plaster',
    'WIPECACTUSNINETYPLASTER',
    '  leading and trailing gondola  ',
    '선인장위에 올라간 부엉이 세마리',
    '7430 5518 9027 6643 1',
    '🦊🐢🦉🐙🦋🐝🦄🐬🦔🐌🦀🐧🦜🐊🦩',
    'ñandú čeština øl żółw',
  ])('the policy accepts the password %s without composition rules (F2)', async (password) => {
    expect(await passwordFaults(password)).toEqual([])
  })
})

describe('passwords that are easy to guess', () => {
  test.each([
    'passwordpassword',
    'Password12345678',
    'P@ssw0rdP@ssw0rd',
    'iloveyouiloveyou',
    'correcthorsebatterystaple',
    'qwertyuiopasdfghjkl',
    '123456789012345',
    'aaaaaaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabc',
    '1q2w3e4r5t6y7u8i9o0p',
    '비밀번호비밀번호비밀번호비밀번호',
    '사랑해사랑해사랑해사랑해사랑해',
    'qlalfqjsghqlalfqjsgh',
    'admin admin admin admin',
    '2024!2024!2024!2024!',
  ])('the policy rejects the common password %s (F3)', async (password) => {
    expect(await passwordFaults(password)).toContain('password_common')
  })

  test('the list has at least 3,000 long enough passwords, and the policy rejects every entry (F3)', async () => {
    const list = readFileSync(new URL('../../src/passwords/common-passwords.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(list.filter((line) => Array.from(line).length >= 15).length).toBeGreaterThanOrEqual(3000)
    for (const password of list) expect(await passwordFaults(password), password).not.toEqual([])
  })

  test.each([
    'brucelee qwert123',
    'daytona lemmings 94',
    'Sunflower-Butterfly',
    'messengerbigmike13',
    'supercop2024!!!!!!',
  ])('the policy rejects %s, which joins passwords that many people chose (F3)', async (password) => {
    expect(await passwordFaults(password)).toEqual(['password_common'])
  })

  test('with a minimum of 8 the policy rejects every password that many people chose (F3)', async () => {
    const chosen = dictionary['passwords-common'].filter((password) => password.length >= 8)
    expect(dictionary['passwords-common'].length).toBeGreaterThan(45_000)
    expect(chosen.length).toBeGreaterThan(15_000)
    for (let index = 0; index < chosen.length; index += 20) {
      const password = chosen[index] ?? ''
      expect(await faultsWith(8)(password, {}), password).toEqual(['password_common'])
    }
  })

  test('the policy accepts passphrases of four random words and random passwords of 15 characters (F3)', async () => {
    const random = seededRandom(20_26)
    const words = dictionary['diceware-common']
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    for (let count = 0; count < 200; count += 1) {
      const passphrase = Array.from({ length: 4 }, () => words[random(words.length)]).join('--')
      const characters = Array.from({ length: 15 }, () => letters[random(letters.length)]).join('')
      for (const password of [passphrase, characters])
        expect(await passwordFaults(password), password).toEqual([])
    }
  })

  test.each([
    ['gildong.hong1988gildong', { email: 'gildong.hong@example.com' }],
    ['GildongGildongGildong', { username: 'gildong' }],
    ['홍길동홍길동홍길동홍길동홍길동', { name: '홍길동' }],
    ['ghdrlfehdghdrlfehd1', { name: '홍길동' }],
    ['id.example.com-example', {}],
    ['dojangdojangdojang1', {}],
  ])('the policy rejects %s, which only repeats the user or the service (F3)', async (password, context) => {
    expect(await passwordFaults(password, context)).not.toEqual([])
  })
})

describe('the password policy over HTTP', () => {
  const issuer = useIssuer()

  const email = () => `${Math.random().toString(36).slice(2)}@example.com`

  test('the first-party API names the fault and creates no account (F3)', async () => {
    const address = email()
    const { status, json } = await issuer.json('/api/users', { email: address, password: 'passwordpassword' })
    expect(status).toBe(422)
    expect(JSON.stringify(json)).toContain('password_common')
    expect(await issuer.stores.users.findByLogin(address)).toBeUndefined()
  })

  test('the registration page names the fault in the user’s language and keeps the address (F3)', async () => {
    const address = email()
    for (const [language, words] of [
      ['ko', /널리 알려져 있거나/],
      ['en', /attackers try first/],
    ] as const) {
      const agent = issuer.browser()
      const page = await agent.submit('/register', {
        email: address,
        password: 'passwordpassword',
        ui_locales: language,
      })
      expect(page.status).toBe(422)
      expect(page.body).toMatch(words)
      expect(page.body).toContain(address)
      expect(page.body).not.toContain('passwordpassword')
    }
  })

  test('a sign-in compares an old short password and does not apply the policy (F2)', async () => {
    const user = await issuer.user({ password: 'short' })
    expect((await issuer.json('/api/token', { email: user.email, password: 'short' })).status).toBe(200)
    expect((await issuer.json('/api/token', { email: user.email, password: ' short' })).status).toBe(401)
    expect((await issuer.json('/api/token', { email: user.email, password: 'Short' })).status).toBe(401)
  })
})

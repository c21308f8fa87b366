import { randomBytes } from 'node:crypto'
import * as argon2 from '@node-rs/argon2'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { argon2idParameters } from '../../src/passwords/hash.ts'
import { randomToken } from '../../src/secrets.ts'
import { passwordHashing } from '../support/password-hashing.ts'

// The spy only counts the calls. The real argon2 runs.
vi.mock('@node-rs/argon2', { spy: true })
beforeEach(() => vi.clearAllMocks())

const { hash, verify } = passwordHashing()
const stronger = passwordHashing({ ...argon2idParameters, passes: 3 })

const verifiedHashes = (): string[] => vi.mocked(argon2.verify).mock.calls.map(([stored]) => String(stored))
const median = (times: number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0

describe('a password hash', () => {
  test('a password hash is Argon2id with 19 MiB, two passes and one lane in PHC format (F1)', async () => {
    const stored = await hash(randomToken())
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  })

  test('hashing the same password twice gives different hashes (F1)', async () => {
    const password = randomToken()
    expect(await hash(password)).not.toBe(await hash(password))
  })

  test('a password hash matches its password and no other (F1)', async () => {
    const password = randomToken()
    const stored = await hash(password)
    expect(await verify(password, stored)).toBe('matches')
    expect(await verify(randomToken(), stored)).toBe('differs')
  })

  test('verification asks for a rehash when the parameters differ from the current ones (F1)', async () => {
    const password = randomToken()
    const stored = await hash(password)
    expect(await stronger.verify(password, stored)).toBe('matches_rehash')
    expect(await stronger.verify(randomToken(), stored)).toBe('differs')
    expect(await stronger.verify(password, await stronger.hash(password))).toBe('matches')
    expect(await verify(password, await stronger.hash(password))).toBe('matches_rehash')
  })

  test.each([
    ['less memory', { memoryCost: 1024 }],
    ['another number of passes', { timeCost: 1 }],
    ['more lanes', { parallelism: 4 }],
    ['Argon2i', { algorithm: 1 }],
    ['version 16', { version: 0 }],
    ['a short salt', { salt: randomBytes(8) }],
    ['a short output', { outputLen: 16 }],
  ])('verification asks for a rehash of a hash with %s (F1)', async (_, options) => {
    const password = randomToken()
    const { memoryKiB: memoryCost, passes: timeCost, lanes: parallelism } = argon2idParameters
    const like = (changes: object) => argon2.hash(password, { memoryCost, timeCost, parallelism, ...changes })
    expect(await verify(password, await like({}))).toBe('matches')
    expect(await verify(password, await like(options))).toBe('matches_rehash')
  })

  test('hash accepts 1,024 bytes and rejects 1,025 without hashing them (F1)', async () => {
    const longest = 'é'.repeat(512)
    const stored = await hash(longest)
    expect(await verify(longest, stored)).toBe('matches')
    vi.clearAllMocks()

    await expect(hash(`${longest}a`)).rejects.toThrow(RangeError)
    expect(argon2.hash).not.toHaveBeenCalled()
    expect(await verify(`${longest}a`, stored)).toBe('differs')
    expect(vi.mocked(argon2.verify).mock.calls).toEqual([[expect.any(String), '']])
  })

  test('every character of a long password counts (F1)', async () => {
    const head = randomToken(80).slice(0, 89)
    const stored = await hash(`${head}a0123456789`)
    expect(await verify(`${head}b0123456789`, stored)).toBe('differs')
    expect(await verify(head, stored)).toBe('differs')
    expect(await verify(`${head}a0123456789`, stored)).toBe('matches')
  })

  test.each([
    ['a leading space', ' a made-up password', 'a made-up password'],
    ['a trailing space', 'a made-up password ', 'a made-up password'],
    ['case', 'A made-up password', 'a made-up password'],
    ['Unicode composition', 'a made-up pässword', 'a made-up pa\u0308ssword'],
    ['the characters after a NUL', 'a made-up\0password', 'a made-up\0passwort'],
  ])('verification respects %s (F2)', async (_, password, other) => {
    const stored = await hash(password)
    expect(await verify(password, stored)).toBe('matches')
    expect(await verify(other, stored)).toBe('differs')
  })
})

describe('a user without a password', () => {
  test('verification without a stored hash costs one Argon2id run, like a wrong password (F6)', async () => {
    const stored = await hash(randomToken())
    await verify(randomToken(), stored)
    await verify(randomToken(), undefined)
    await stronger.verify(randomToken(), undefined)

    const [wrong, unknown, unknownToStronger, ...more] = verifiedHashes()
    expect(wrong).toBe(stored)
    expect(unknown).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(unknownToStronger).toContain('$m=19456,t=3,p=1$')
    expect(more).toEqual([])
    expect(argon2.hash).toHaveBeenCalledTimes(1)
  })

  test('verification without a stored hash rejects every password (F6)', async () => {
    expect(await verify('', undefined)).toBe('differs')
    expect(await verify(randomToken(), undefined)).toBe('differs')
  })

  test('verification takes similar time for an unknown user and for a wrong password (F6)', async () => {
    const stored = await hash(randomToken())
    const timed = async (storedHash: string | undefined): Promise<number> => {
      const start = performance.now()
      await verify(randomToken(), storedHash)
      return performance.now() - start
    }
    const unknown: number[] = []
    const wrong: number[] = []
    for (let i = 0; i < 15; i += 1) {
      unknown.push(await timed(undefined))
      wrong.push(await timed(stored))
    }
    const ratio = median(unknown) / median(wrong)
    console.log(`F6 medians: unknown ${median(unknown).toFixed(1)} ms, wrong ${median(wrong).toFixed(1)} ms`)
    expect(ratio).toBeGreaterThan(0.5)
    expect(ratio).toBeLessThan(2)
  })

  test.each([
    '',
    'plain text',
    '!unusable',
    '$argon2id$v=19$m=19456,t=2,p=1$short$short',
    '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$',
    '$2b$12$not-fifty-three-characters',
    'pbkdf2_sha256$0$salt$AAAA',
  ])('verification with the broken hash "%s" fails after the same work (F6)', async (stored) => {
    expect(await verify(randomToken(), stored)).toBe('differs')
    expect(verifiedHashes()).toEqual([expect.stringContaining('$argon2id$v=19$m=19456,t=2,p=1$')])
  })
})

test('password hashing rejects parameters that verification would not accept', () => {
  const parameters = { memoryKiB: 1024 * 1024, passes: 2, lanes: 1 }
  expect(() => passwordHashing(parameters)).toThrow(RangeError)
})

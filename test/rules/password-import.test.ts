import { describe, expect, test } from 'vitest'
import { isImportable } from '../../src/passwords/imported-hash.ts'
import { foreignHashes, long, plain } from '../support/django-hashes.ts'
import { passwordHashing } from '../support/password-hashing.ts'

const { hash, verify } = passwordHashing()

describe.each(foreignHashes)('an imported hash: $form', ({ password, stored }) => {
  test('an imported hash verifies its password and asks for a rehash (F1)', async () => {
    expect(isImportable(stored)).toBe(true)
    expect(await verify(password, stored)).toBe('matches_rehash')
    expect(await verify(password, await hash(password))).toBe('matches')
  })

  test('an imported hash rejects another password (F1)', async () => {
    expect(await verify(`${password.slice(0, -1)}#`, stored)).toBe('differs')
    expect(await verify('', stored)).toBe('differs')
  })
})

test('bcrypt_sha256 uses the bytes of a password after the 72nd (F1)', async () => {
  const stored = foreignHashes.find(({ password }) => password === long)?.stored
  expect(await verify(long.replace('tail', 'tale'), stored)).toBe('differs')
})

test('an imported Argon2id hash with exactly our parameters needs no rehash (F1)', async () => {
  const stored =
    '$argon2id$v=19$m=19456,t=2,p=1$PmcsBSDkHENIqXWOEeK8Vw$MVsbxOVO95UP2OEjc/goz7WEu6nZ/6JYAU6SL66vYBw'
  expect(await verify(plain, stored)).toBe('matches')
  expect(await verify(long, stored)).toBe('differs')
})

const tail = 'c2FsdHNhbHRzYWx0c2FsdA$mD6lPKGyuzv0gvtav6enIRf7wkZbjcQmHMW8QGiZ5pA'
const bcryptTail = 'oP0YSZehn8Ea7DEKHpicCuJ5zkO1goFpyQgzh83sGB8vJXg24ay3a'
const digest = '0U0eGvI8YdYvPckL6ZwwxJa9vdV3DoiK+cfak1rwPhQ='

test.each([
  ['argon2 beyond 256 MiB', `$argon2id$v=19$m=4194304,t=1,p=1$${tail}`],
  ['argon2 with one pass over 512 MiB', `$argon2id$v=19$m=524288,t=1,p=1$${tail}`],
  ['argon2 with a thousand passes', `$argon2id$v=19$m=65536,t=1000,p=1$${tail}`],
  ['argon2 with 200 lanes', `$argon2id$v=19$m=65536,t=1,p=200$${tail}`],
  ['argon2 with a keyid (pepper)', `$argon2id$v=19$m=65536,t=1,p=1,keyid=AAAA$${tail}`],
  ['argon2 in Django’s format beyond 256 MiB', `argon2$argon2id$v=19$m=4194304,t=1,p=1$${tail}`],
  ['argon2 with a short salt', '$argon2id$v=19$m=65536,t=1,p=1$c2FsdA$mD6lPKGyuzv0gvtav6enIQ'],
  ['bcrypt of cost 16', `$2b$16$${bcryptTail}`],
  ['bcrypt of cost 3', `$2b$03$${bcryptTail}`],
  ['bcrypt_sha256 of cost 31', `bcrypt_sha256$$2b$31$${bcryptTail}`],
  ['the broken bcrypt 2x', `$2x$06$${bcryptTail}`],
  ['scrypt of 1 GiB', `$scrypt$ln=20,r=8,p=1$${tail}`],
  ['scrypt of a thousand lanes', `$scrypt$ln=16,r=8,p=1000$${tail}`],
  ['scrypt of ln=99', `$scrypt$ln=99,r=8,p=1$${tail}`],
  ['scrypt with r=0', `$scrypt$ln=16,r=0,p=1$${tail}`],
  ['scrypt with N=1', `$scrypt$ln=0,r=8,p=1$${tail}`],
  ['scrypt without lanes', `$scrypt$ln=16,r=8,p=0$${tail}`],
  ['scrypt with a hash of 8 bytes', '$scrypt$ln=16,r=8,p=1$c2FsdHNhbHQ$0U0eGvI8YdY'],
  ['scrypt with a hash of 66 bytes', `$scrypt$ln=16,r=8,p=1$c2FsdHNhbHQ$${'A'.repeat(88)}`],
  ['scrypt in Django’s format with N that is not a power of two', `scrypt$10000$salt$8$1$${digest}`],
  ['scrypt in Django’s format with 1 GiB', `scrypt$1048576$salt$8$1$${digest}`],
  ['pbkdf2 of 999,999,999 iterations', `pbkdf2_sha256$999999999$salt$${digest}`],
  ['pbkdf2 of 0 iterations', `pbkdf2_sha256$0$salt$${digest}`],
  ['pbkdf2 with a truncated hash', 'pbkdf2_sha256$1000$salt$0U0eGvI8YdYv'],
  ['another algorithm', `pbkdf2_sha1$1000$salt$${digest}`],
  ['an unusable Django password', '!kW0dYhYJ7QFv1mGVsD3Pq4Lr5Tn6Xb8Zc9Ae2'],
  ['a bare digest', '5f4dcc3b5aa765d61d8327deb882cf99'],
  ['trailing text', `$2b$06$${bcryptTail}\n`],
  ['an empty text', ''],
])('isImportable rejects %s (F7)', (_, stored) => {
  expect(isImportable(stored)).toBe(false)
})

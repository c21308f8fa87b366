// Values that the configuration rejects, and the two sources of a secret.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../../src/config.ts'

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

const key = randomBytes(32).toString('base64')

describe('invalid configuration', () => {
  test.each([
    ['an issuer over http', { ISSUER: 'http://id.example.com' }, /https/],
    ['an issuer with a path', { ISSUER: 'https://example.com/id' }, /path/],
    ['an issuer with a trailing slash', { ISSUER: 'https://id.example.com/' }, /slash/],
    ['another value for CONFIRM_EMAIL', { CONFIRM_EMAIL: 'on' }, /optional or required/],
    [
      'a required confirmation without a mail server',
      { CONFIRM_EMAIL: 'required', ISSUER: 'https://id.example.com' },
      /SMTP_URL/,
    ],
    ['an issuer with a query', { ISSUER: 'https://id.example.com?x=1' }, /query/],
    ['an issuer with a password', { ISSUER: 'https://a:b@id.example.com' }, /user information/],
    ['an access token lifetime over an hour', { ACCESS_TOKEN_TTL: '3601' }, /3600/],
    ['a refresh token that outlives its family', { REFRESH_IDLE_TTL: '31536000' }, /REFRESH_ABSOLUTE_TTL/],
    ['a grace of ten minutes', { REFRESH_GRACE: '600' }, /120/],
    [
      'a service of leaked passwords over http',
      { LEAKED_PASSWORDS_URL: 'http://leaks.example.com' },
      /https URL/,
    ],
    [
      'a key in the URL of that service',
      { LEAKED_PASSWORDS_URL: 'https://leaks.example.com/?key=1' },
      /query/,
    ],
    ['passwords of seven characters', { PASSWORD_MIN_LENGTH: '7' }, /from 8 to 64/],
    ['passwords of 65 characters', { PASSWORD_MIN_LENGTH: '65' }, /from 8 to 64/],
    [
      'a key-encryption key that is too short',
      { KEY_ENCRYPTION_KEY: Buffer.from('short').toString('base64') },
      /32 random bytes/,
    ],
    [
      'a key-encryption key of zeros',
      { KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') },
      /32 random bytes/,
    ],
    [
      'a key-encryption key that is not random',
      { KEY_ENCRYPTION_KEY: Buffer.from('a1'.repeat(16)).toString('base64') },
      /random/,
    ],
    ['three key-encryption keys', { KEY_ENCRYPTION_KEY: [key, key, key].join(',') }, /two of them/],
    ['a drain of an hour', { DRAIN_SECONDS: '3600' }, /DRAIN_SECONDS.*0 to 300/],
    ['a guessable metrics token', { METRICS_TOKEN: 'metrics' }, /METRICS_TOKEN/],
    ['every address as a trusted proxy', { TRUSTED_PROXIES: '0.0.0.0/0' }, /TRUSTED_PROXIES/],
    ['a number of trusted proxies', { TRUSTED_PROXIES: '1' }, /TRUSTED_PROXIES/],
    ['a mail server without a sender', { SMTP_URL: 'smtp://mail.example' }, /both or neither/],
    ['a sender without a mail server', { MAIL_FROM: 'a@mail.example' }, /both or neither/],
    [
      'a mail server with a path',
      { SMTP_URL: 'smtp://mail.example/x', MAIL_FROM: 'a@b.example' },
      /SMTP_URL/,
    ],
    [
      'a mail server with options',
      { SMTP_URL: 'smtp://mail.example?secure=no', MAIL_FROM: 'a@b.example' },
      /SMTP_URL/,
    ],
    ['a mail server over https', { SMTP_URL: 'https://mail.example', MAIL_FROM: 'a@b.example' }, /SMTP_URL/],
    [
      'a sender with a line break',
      { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'A\r\nBcc: b@b.example <a@b.example>' },
      /MAIL_FROM/,
    ],
    ['two senders', { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'a@b.example, c@b.example' }, /MAIL_FROM/],
  ])('readConfig rejects %s (I6)', (_what, env, sentence) => {
    const faults = faultsOf(env)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(sentence)
  })

  test.each([
    [{}, 0],
    [{ ISSUER: 'http://127.0.0.1:4000' }, 0],
    [{ ISSUER: 'https://id.example.com' }, 5],
    [{ ISSUER: 'https://id.example.com', DRAIN_SECONDS: '30' }, 30],
    [{ ISSUER: 'https://id.example.com', DRAIN_SECONDS: '0' }, 0],
  ])('a server with %o drains for %d s', (env, seconds) => {
    expect(readConfig(env).drainSeconds).toBe(seconds)
  })

  test('readConfig accepts an empty environment and listens on localhost only (I6)', () => {
    const { issuer, host, trustedProxies } = readConfig({})
    expect([new URL(issuer).hostname, host, trustedProxies]).toEqual(['localhost', 'localhost', []])
    for (const here of ['http://localhost:4000', 'http://127.0.0.1:4000', 'http://[::1]:4000'])
      expect(faultsOf({ ISSUER: here })).toEqual([])
  })
})

describe('the mail server', () => {
  const MAIL_FROM = 'Example Shop <no-reply@example.com>'
  const mailOf = (env: Record<string, string>) => readConfig({ MAIL_FROM, ...env }).mail

  test('readConfig requires TLS for every mail server that is on another machine', () => {
    expect(mailOf({ SMTP_URL: 'smtp://mail.example.com' })).toEqual({
      server: { host: 'mail.example.com', port: 587, implicitTls: false, requireTls: true },
      from: { name: 'Example Shop', address: 'no-reply@example.com' },
    })
    expect(mailOf({ SMTP_URL: 'smtps://jane%40x:p%3Aw@mail.example.com' })?.server).toEqual({
      host: 'mail.example.com',
      port: 465,
      implicitTls: true,
      requireTls: true,
      login: { user: 'jane@x', password: 'p:w' },
    })
    for (const local of ['localhost', '127.0.0.1', '[::1]'])
      expect(mailOf({ SMTP_URL: `smtp://${local}:2525` })?.server.requireTls, local).toBe(false)
    expect(mailOf({ SMTP_URL: 'smtp://[::1]:2525' })?.server.host).toBe('::1')
  })

  test('readConfig never shows the password of the mail server in a fault (I7)', () => {
    const faults = faultsOf({ SMTP_URL: 'smtp://jane:hunter2@mail.example/x', MAIL_FROM })
    expect(faults).toHaveLength(1)
    expect(faults.join()).not.toContain('hunter2')
  })
})

describe('secrets from files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dojang-config-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  test('every secret may come from a file, without its last line break (I7)', () => {
    const token = randomBytes(24).toString('base64url')
    const config = readConfig({
      DATABASE_URL_FILE: file('database', 'postgres://jane:pw@db/x\n'),
      REDIS_URL_FILE: file('redis', 'rediss://:pw@cache/0\n'),
      KEY_ENCRYPTION_KEY_FILE: file('key', `${key}\n`),
      METRICS_TOKEN_FILE: file('metrics', `${token}\n`),
      SMTP_URL_FILE: file('smtp', 'smtps://jane:pw@mail.example\n'),
      MAIL_FROM: 'no-reply@mail.example',
      KAKAO_CLIENT_ID: 'app',
      KAKAO_CLIENT_SECRET_FILE: file('kakao', 'kakao-secret\n'),
    })
    expect(config.databaseUrl).toBe('postgres://jane:pw@db/x')
    expect(config.redisUrl).toBe('rediss://:pw@cache/0')
    expect(config.metricsToken).toBe(token)
    expect(config.keyEncryptionKeys?.map((bytes) => Buffer.from(bytes).toString('base64'))).toEqual([key])
    expect(JSON.stringify(config)).toContain('kakao-secret')
    expect(config.mail?.server.login?.password).toBe('pw')
  })

  test('readConfig rejects two sources or a missing file and shows no secret (I7)', () => {
    const both = faultsOf({
      METRICS_TOKEN: 'a'.repeat(20),
      METRICS_TOKEN_FILE: file('other', 'b'.repeat(20)),
    })
    expect(both).toEqual(['METRICS_TOKEN and METRICS_TOKEN_FILE are both set. Remove one of them.'])
    expect(faultsOf({ KEY_ENCRYPTION_KEY_FILE: join(folder, 'gone') })).toEqual([
      'KEY_ENCRYPTION_KEY_FILE cannot be read (ENOENT). Check its path and permissions.',
    ])
    const broken = faultsOf({ DATABASE_URL_FILE: file('wrong', 'mysql://jane:hunter2@db/x') })
    expect(broken.join()).not.toContain('hunter2')
    expect(broken).toHaveLength(1)
  })

  test('KEY_ENCRYPTION_KEY may hold two keys for a change of the key (I7)', () => {
    const old = randomBytes(32).toString('base64')
    const { keyEncryptionKeys } = readConfig({ KEY_ENCRYPTION_KEY: `${key},${old}` })
    expect(keyEncryptionKeys).toHaveLength(2)
  })
})

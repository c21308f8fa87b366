// The findings of doctor about stores, clocks and keys. Each problem comes with advice.
import { randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { createDoctorOperations, type Installation } from '../../src/admin/doctor-operations.ts'
import type { Finding } from '../../src/admin/finding.ts'
import { secondsAfter } from '../../src/clock.ts'
import { createKeyEncryption } from '../../src/encryption/sealing.ts'
import type { KnownVerifiers } from '../../src/keys/known-verifiers.ts'
import { addFirst, rotate } from '../../src/keys/rotation.ts'
import { generateSigningKey } from '../../src/keys/rsa-keys.ts'
import type { SigningKeys } from '../../src/keys/signing-keys.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { Unavailable } from '../../src/unavailable.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { memoryKnownVerifiers } from '../support/memory/known-verifiers.ts'
import { memoryMailQueue } from '../support/memory/mail-queue.ts'
import { memorySigningKeys } from '../support/memory/signing-keys.ts'

const secret = randomBytes(32)
const keyEncryption = createKeyEncryption([secret])
const { encrypt } = keyEncryption

let clock: TestClock
let signingKeys: SigningKeys
let knownVerifiers: KnownVerifiers
let database: Installation['database']
let rememberedStore: SessionStore | undefined
let sessionStore: Installation['sessionStore']

beforeEach(async () => {
  clock = testClock()
  signingKeys = memorySigningKeys()
  knownVerifiers = memoryKnownVerifiers()
  const key = await generateSigningKey({ now: clock.now(), encrypt })
  await signingKeys.update((keys) => addFirst(keys, key, clock.now()).keys)
  rememberedStore = undefined
  sessionStore = {
    configured: 'database',
    remembered: { read: async () => rememberedStore, write: async () => {} },
  }
  database = {
    kind: 'postgres',
    now: async () => clock.now(),
    migrate: async () => [],
    migrationState: async () => ({ applied: ['0001-users'], pending: [] }),
  }
})

const report = (changes: Partial<Installation> = {}, keys = keyEncryption): Promise<Finding[]> => {
  const installation = { database, sessionStore, ...changes }
  const operations = createDoctorOperations({
    clock,
    signingKeys,
    knownVerifiers,
    keyEncryption: keys,
    absoluteTtlSeconds: 30 * 86_400,
    installation,
    mailQueue: memoryMailQueue(),
    mail: { compose: undefined, issuer: 'https://id.example.com' },
  })
  return operations['doctor.report']()
}

const found = (findings: Finding[], check: string) => findings.find((finding) => finding.check === check)

test('doctor finds no warning and no fault in a correct installation', async () => {
  const findings = await report({ redis: { maxmemoryPolicy: async () => 'noeviction' } })
  expect(findings.filter(({ status }) => status === 'warning' || status === 'fault')).toEqual([])
})

test.each([
  { server: 'redis', here: 'database', advice: /^Set REDIS_URL/ },
  { server: 'database', here: 'redis', advice: /^Remove REDIS_URL/ },
] as const)(
  'doctor reports a server that keeps the sessions in $server if they are in $here here',
  async ({ server, here, advice }) => {
    rememberedStore = server
    const findings = await report({ sessionStore: { ...sessionStore, configured: here } })
    expect(found(findings, 'session store')).toMatchObject({
      status: 'fault',
      advice: expect.stringMatching(advice),
    })
  },
)

test.each([
  [-60, 'fault'],
  [60, 'fault'],
  [4, 'ok'],
])('doctor reports a database clock that differs by %d s as %s', async (seconds, status) => {
  const now = async () => secondsAfter(clock.now(), seconds)
  const finding = found(await report({ database: { ...database, now } }), 'clock')
  expect(finding?.status).toBe(status)
  if (status === 'fault') expect(finding?.advice).toMatch(/NTP/)
})

test('doctor reports a pending migration as a fault, with its name and the command', async () => {
  const migrationState = async () => ({ applied: ['0001-users'], pending: ['0002-clients'] })
  expect(found(await report({ database: { ...database, migrationState } }), 'migrations')).toMatchObject({
    status: 'fault',
    message: 'Migrations that are not applied: 0002-clients.',
    advice: 'Run "dojang migrate".',
  })
})

test('doctor warns about a Redis that evicts keys, reports an unreachable one, and checks the rest', async () => {
  const forgetful = await report({ redis: { maxmemoryPolicy: async () => 'allkeys-lru' } })
  expect(found(forgetful, 'redis')).toMatchObject({
    status: 'warning',
    advice: expect.stringContaining('noeviction'),
  })
  const silent = await report({
    redis: { maxmemoryPolicy: () => Promise.reject(new Unavailable('the token store')) },
  })
  expect(found(silent, 'redis')).toMatchObject({ status: 'fault', advice: expect.stringMatching(/runs/) })
  expect(found(silent, 'signing keys')?.status).toBe('ok')
})

test('doctor reports keys that do not decrypt as a fault and shows no key material (D3)', async () => {
  const other = createKeyEncryption([randomBytes(32)])
  const findings = await report({}, other)
  expect(found(findings, 'key-encryption key')).toMatchObject({
    status: 'fault',
    advice: expect.stringMatching(/Restore the key-encryption key/),
  })
  expect(JSON.stringify(findings)).not.toMatch(/PRIVATE|"d"/)
})

test('doctor says when the second key-encryption key is not needed any more', async () => {
  const replacement = randomBytes(32)
  const both = createKeyEncryption([replacement, secret])
  const second = async () => found(await report({}, both), 'second key-encryption key')
  const [old] = await signingKeys.list()
  expect(found(await report(), 'second key-encryption key')).toBeUndefined()
  expect((await second())?.message).toBe(`It is needed for signing keys: ${old?.kid} (active).`)

  const rotatedAt = clock.now()
  const key = await generateSigningKey({ now: rotatedAt, encrypt: both.encrypt })
  const change = rotate(await signingKeys.list(), key, { now: rotatedAt })
  if (change.outcome !== 'changed') throw new Error(change.outcome)
  await signingKeys.update(() => change.keys)
  clock.advance(86_400)
  expect((await second())?.message).toBe(`It is needed for signing keys: ${old?.kid} (retiring).`)
  clock.advance(86_400)
  const lastExpiry = secondsAfter(rotatedAt, 30 * 86_400)
  expect((await second())?.message).toBe(`Refresh tokens may need it until ${lastExpiry.toISOString()}.`)

  clock.advance(28 * 86_400 - 1)
  expect((await second())?.advice).toMatch(/^Keep both keys/)
  clock.advance(1)
  expect(await second()).toMatchObject({
    status: 'note',
    advice: expect.stringMatching(/remove it from all/),
  })
  // The servers then start with the new key alone.
  const alone = await report({}, createKeyEncryption([replacement]))
  expect(found(alone, 'key-encryption key')?.status).toBe('ok')
})

test('doctor warns about a signing key that is 90 days old', async () => {
  clock.advance(90 * 86_400)
  expect(found(await report(), 'signing keys')).toMatchObject({
    status: 'warning',
    advice: 'Run "dojang keys rotate".',
  })
})

test('doctor warns by name about a service that did not fetch the next key in time', async () => {
  const [first] = await signingKeys.list()
  await knownVerifiers.record({
    name: 'notes-api',
    kids: [first?.kid ?? ''],
    network: '192.0.2.1',
    seenAt: clock.now(),
  })
  const key = await generateSigningKey({ now: clock.now(), encrypt })
  const change = rotate(await signingKeys.list(), key, { now: clock.now() })
  if (change.outcome !== 'changed') throw new Error(change.outcome)
  await signingKeys.update(() => change.keys)
  const warnings = async () => (await report()).filter(({ status }) => status === 'warning')
  // The service may still fetch the keys within the next minutes.
  expect(await warnings()).toEqual([])
  clock.advance(3900)
  expect(await warnings()).toMatchObject([
    { check: 'rotation', message: expect.stringMatching(/^notes-api .*before/) },
  ])
  await knownVerifiers.record({
    name: 'notes-api',
    kids: [key.kid],
    network: '192.0.2.1',
    seenAt: clock.now(),
  })
  expect(await warnings()).toEqual([])
})

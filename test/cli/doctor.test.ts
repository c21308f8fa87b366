// What doctor finds in stores, clocks and keys that are not in order: each finding says what to do.
import { randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { createDoctorOperations, type Finding, type Installation } from '../../src/admin/doctor-operations.ts'
import { secondsAfter } from '../../src/clock.ts'
import { createKeyEncryption } from '../../src/encryption/sealing.ts'
import type { KnownVerifiers } from '../../src/keys/known-verifiers.ts'
import { addFirst, rotate } from '../../src/keys/rotation.ts'
import { generateSigningKey } from '../../src/keys/rsa-keys.ts'
import type { SigningKeys } from '../../src/keys/signing-keys.ts'
import { Unavailable } from '../../src/unavailable.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { memoryKnownVerifiers } from '../support/memory/known-verifiers.ts'
import { memorySigningKeys } from '../support/memory/signing-keys.ts'

const { encrypt, decrypt } = createKeyEncryption([randomBytes(32)])

let clock: TestClock
let signingKeys: SigningKeys
let knownVerifiers: KnownVerifiers
let database: Installation['database']

beforeEach(async () => {
  clock = testClock()
  signingKeys = memorySigningKeys()
  knownVerifiers = memoryKnownVerifiers()
  const key = await generateSigningKey({ now: clock.now(), encrypt })
  await signingKeys.update((keys) => addFirst(keys, key, clock.now()).keys)
  database = {
    kind: 'postgres',
    now: async () => clock.now(),
    migrate: async () => [],
    migrationState: async () => ({ applied: ['0001-users'], pending: [] }),
  }
})

const report = (changes: Partial<Installation> = {}, open = decrypt): Promise<Finding[]> => {
  const installation = { database, ...changes }
  const operations = createDoctorOperations({
    clock,
    signingKeys,
    knownVerifiers,
    decrypt: open,
    installation,
  })
  return operations['doctor.report']({}) as Promise<Finding[]>
}

const found = (findings: Finding[], check: string) => findings.find((finding) => finding.check === check)

test('an installation in order has no warning and no fault', async () => {
  const findings = await report({ redis: { maxmemoryPolicy: async () => 'noeviction' } })
  expect(findings.filter(({ status }) => status === 'warning' || status === 'fault')).toEqual([])
})

test.each([
  [-60, 'fault'],
  [60, 'fault'],
  [4, 'ok'],
])('a database clock that is %d s off is: %s', async (seconds, status) => {
  const now = async () => secondsAfter(clock.now(), seconds)
  const finding = found(await report({ database: { ...database, now } }), 'clock')
  expect(finding?.status).toBe(status)
  if (status === 'fault') expect(finding?.advice).toMatch(/NTP/)
})

test('a migration that is not applied is a fault with its name and its command', async () => {
  const migrationState = async () => ({ applied: ['0001-users'], pending: ['0002-clients'] })
  expect(found(await report({ database: { ...database, migrationState } }), 'migrations')).toMatchObject({
    status: 'fault',
    message: 'Not applied: 0002-clients.',
    advice: 'Run "dojang migrate".',
  })
})

test('a Redis that may forget is a warning, one that does not answer a fault, and the rest is examined still', async () => {
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

test('keys that the key-encryption key does not open are a fault, and nothing of the key is shown (D3)', async () => {
  const other = createKeyEncryption([randomBytes(32)])
  const findings = await report({}, other.decrypt)
  expect(found(findings, 'key-encryption key')).toMatchObject({
    status: 'fault',
    advice: expect.stringMatching(/Bring back the key-encryption key/),
  })
  expect(JSON.stringify(findings)).not.toMatch(/PRIVATE|"d"/)
})

test('a key that has signed for 90 days is a warning until a rotation is under way', async () => {
  clock.advance(90 * 86_400)
  expect(found(await report(), 'signing keys')).toMatchObject({
    status: 'warning',
    advice: 'Run "dojang keys rotate".',
  })
})

test('a service that has not fetched the next key, hours after it was published, is a warning by name', async () => {
  const [first] = await signingKeys.list()
  await knownVerifiers.saw({ name: 'notes-api', kids: [first?.kid ?? ''], seenAt: clock.now() })
  const key = await generateSigningKey({ now: clock.now(), encrypt })
  const change = rotate(await signingKeys.list(), key, { now: clock.now() })
  if (change.outcome !== 'changed') throw new Error(change.outcome)
  await signingKeys.update(() => change.keys)
  const warnings = async () => (await report()).filter(({ status }) => status === 'warning')
  // It may well fetch them within the next minutes.
  expect(await warnings()).toEqual([])
  clock.advance(3900)
  expect(await warnings()).toMatchObject([
    { check: 'rotation', message: expect.stringMatching(/^notes-api .*before/) },
  ])
  await knownVerifiers.saw({ name: 'notes-api', kids: [key.kid], seenAt: clock.now() })
  expect(await warnings()).toEqual([])
})

// The admin operations on signing keys, observed through the JWKS and the signed tokens.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeyOperations } from '../../src/admin/key-operations.ts'
import type { OperationName } from '../../src/admin/operations.ts'
import { secondsAfter } from '../../src/clock.ts'
import { createKeyEncryption } from '../../src/encryption/sealing.ts'
import { keepSeconds } from '../../src/keys/signing-keys.ts'
import { callOperation } from '../support/call-operation.ts'
import { headerOf, type TestClient, type TestIssuer, testIssuer } from '../support/issuer.ts'

interface KeyAnswer {
  kid: string
  changed: boolean
  dry_run?: boolean
  keys: { kid: string; state: string; activates_at: string | null; removed_at: string | null }[]
}

let issuer: TestIssuer
let machine: TestClient

beforeEach(async () => {
  issuer = await testIssuer()
  machine = await issuer.client({ grants: ['client_credentials'], redirectUris: [], scopes: [] })
})

afterEach(() => issuer.close())

const run = (name: OperationName, input?: object) =>
  callOperation(issuer.app.operations, name, input) as Promise<KeyAnswer>

const published = async (): Promise<string[]> => {
  const { json } = await issuer.send('/.well-known/jwks.json')
  return (json.keys as { kid: string }[]).map(({ kid }) => kid)
}

const issueToken = async (): Promise<string> => {
  const { json } = await issuer.form('/token', {
    grant_type: 'client_credentials',
    client_id: machine.id,
    client_secret: machine.secret ?? '',
  })
  return String(json.access_token)
}

const signingKid = async () => headerOf(await issueToken()).kid

const auditTypes = () =>
  issuer.logLines.flatMap((line) => (JSON.parse(line) as { audit?: { type: string } }).audit?.type ?? [])

test('keys.rotate publishes the new key at once, and the new key signs a day later (D7)', async () => {
  const before = await signingKid()
  const { kid, changed, keys } = await run('keys.rotate')
  expect(changed).toBe(true)
  expect((await published()).sort()).toEqual([before, kid].sort())
  expect(keys.find((key) => key.kid === kid)).toMatchObject({ state: 'pending' })
  expect(await signingKid()).toBe(before)
  issuer.clock.advance(86_400 - 1)
  expect(await signingKid()).toBe(before)
  issuer.clock.advance(1)
  expect(await signingKid()).toBe(kid)
  expect(await published()).toContain(before)
})

test('keys.rotate refuses less than 65 minutes of pre-publication without force (D7)', async () => {
  const before = await signingKid()
  await expect(run('keys.rotate', { inSeconds: 3899 })).rejects.toMatchObject({ code: 'refused' })
  expect(await published()).toEqual([before])
  expect((await run('keys.rotate', { inSeconds: 60, force: true })).changed).toBe(true)
  issuer.clock.advance(60)
  expect(await signingKid()).not.toBe(before)
})

test('keys.activate refuses a key that was published less than 65 minutes ago (D7)', async () => {
  const { kid } = await run('keys.generate')
  await expect(run('keys.activate', { kid })).rejects.toMatchObject({ code: 'refused' })
  issuer.clock.advance(3900)
  expect((await run('keys.activate', { kid })).changed).toBe(true)
  expect(await signingKid()).toBe(kid)
  await expect(run('keys.activate', { kid: 'unknown' })).rejects.toMatchObject({ code: 'not_found' })
})

test('keys.rotate with four published keys says how long to wait, and works after that (J7)', async () => {
  const now = { inSeconds: 0, force: true }
  for (let count = 0; count < 3; count++) await run('keys.rotate', now)
  const removal = secondsAfter(issuer.clock.now(), keepSeconds)
  await expect(run('keys.rotate', now)).rejects.toThrow(
    `4 keys are already published, and some services read no more. The next one is removed at ${removal.toISOString()}.`,
  )
  issuer.clock.advance(keepSeconds)
  expect((await run('keys.rotate', now)).changed).toBe(true)
})

test('four published keys of which none will leave are a reason to revoke one (J7)', async () => {
  for (let count = 0; count < 3; count++) await run('keys.generate')
  await expect(run('keys.generate')).rejects.toThrow(/Revoke a pending key/)
})

test('concurrent and repeated keys.rotate start one rotation, with one schedule and one audit event (D9)', async () => {
  const concurrent = await Promise.all([run('keys.rotate'), run('keys.rotate'), run('keys.rotate')])
  const last = await run('keys.rotate')
  const answers = [...concurrent, last]
  expect(answers.filter(({ changed }) => changed)).toHaveLength(1)
  expect(new Set(answers.map(({ kid }) => kid)).size).toBe(1)
  expect(await published()).toHaveLength(2)
  expect(last.keys.map(({ state }) => state)).toEqual(['active', 'pending'])
  expect(last.keys[0]?.removed_at).not.toBeNull()
  expect(auditTypes().filter((type) => type === 'key.rotated')).toHaveLength(1)
})

test('keys.rotate as a dry run shows the schedule and changes nothing (D9)', async () => {
  const before = await published()
  const plan = await run('keys.rotate', { dryRun: true })
  expect(plan).toMatchObject({ changed: false, dry_run: true })
  expect(plan.keys).toHaveLength(2)
  expect(await published()).toEqual(before)
  expect(await run('keys.list')).toHaveLength(1)
  expect(auditTypes()).not.toContain('key.rotated')
})

test('keys.revoke removes a key from use and from the JWKS at once, and a published standby key signs (D11)', async () => {
  const token = await issueToken()
  const before = String(headerOf(token).kid)
  const { kid: standby } = await run('keys.generate')
  await run('keys.revoke', { kid: before })
  expect(await published()).toEqual([standby])
  expect(await signingKid()).toBe(standby)
  const introspection = await issuer.form('/introspect', {
    token,
    client_id: machine.id,
    client_secret: machine.secret ?? '',
  })
  expect(introspection.json).toEqual({ active: false })
  const listed = await issuer.stores.blacklist.list(issuer.clock.now())
  expect(listed.map(({ kind, value }) => ({ kind, value }))).toContainEqual({ kind: 'kid', value: before })
  expect(auditTypes()).toContain('key.revoked')
  expect((await run('keys.revoke', { kid: before })).changed).toBe(false)
})

test('keys.revoke creates a new key if there is no standby key (D11)', async () => {
  const before = await signingKid()
  await run('keys.revoke', { kid: before })
  expect(await signingKid()).not.toBe(before)
  expect(await published()).toHaveLength(1)
  await expect(run('keys.revoke', { kid: 'unknown' })).rejects.toMatchObject({ code: 'not_found' })
})

test('a repeated keys.revoke completes one that failed before it wrote the blacklist', async () => {
  const before = String(await signingKid())
  const { add } = issuer.stores.blacklist
  issuer.stores.blacklist.add = async () => {
    throw new Error('down')
  }
  await expect(run('keys.revoke', { kid: before })).rejects.toThrow('down')
  expect(await published()).not.toContain(before)
  issuer.stores.blacklist.add = add
  await run('keys.revoke', { kid: before })
  const [entry] = await issuer.stores.blacklist.list(issuer.clock.now())
  expect(entry).toMatchObject({ kind: 'kid', value: before })
})

test('an imported PEM is a standby key, signs after keys.activate, and is exported as a public PEM', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const { kid } = await run('keys.import', { pem })
  expect(await signingKid()).not.toBe(kid)
  await run('keys.activate', { kid, force: true })
  expect(await signingKid()).toBe(kid)
  const exported = (await run('keys.export', { pem: true })) as unknown as { pem: string }
  expect(exported.pem).toBe(publicKey.export({ type: 'spki', format: 'pem' }))
  expect((await run('keys.import', { pem })).changed).toBe(false)
  await expect(run('keys.import', { pem: 'nonsense' })).rejects.toMatchObject({ code: 'invalid' })
})

test('answers of key operations and log lines contain no private key material (D4)', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const answers = [
    await run('keys.import', { pem }),
    await run('keys.rotate'),
    await run('keys.list'),
    await run('keys.export'),
    await run('keys.export', { pem: true }),
  ]
  const output = JSON.stringify(answers) + issuer.logLines.join('')
  const { d = '', p = '' } = privateKey.export({ format: 'jwk' })
  for (const secret of ['PRIVATE KEY', 'encrypted', '"d"', '"p"', '"dp"', '"qi"', d, p])
    expect(output).not.toContain(secret)
})

describe('key operations with a foreign key-encryption key', () => {
  const foreignOperations = () =>
    createKeyOperations({
      clock: issuer.clock,
      audit: () => {},
      signingKeys: issuer.stores.signingKeys,
      knownVerifiers: issuer.stores.knownVerifiers,
      blacklist: issuer.stores.blacklist,
      ...createKeyEncryption([randomBytes(32)]),
    })

  test('key operations refuse a key-encryption key that the signing instances do not have (D3)', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const before = await published()
    const operations = foreignOperations()
    for (const attempt of [
      () => operations['keys.generate']({}),
      () => operations['keys.rotate']({}),
      () => operations['keys.rotate']({ dryRun: true }),
      () => operations['keys.import']({ pem }),
      () => operations['keys.revoke']({ kid: String(before[0]) }),
    ])
      await expect(attempt()).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringMatching(/KEY_ENCRYPTION_KEY/),
      })
    await issuer.app.keyRing.load()
    expect(await published()).toEqual(before)
    expect(await signingKid()).toBe(before[0])
  })

  test('keys.revoke works with a foreign key-encryption key if a standby key takes over, or with force (D11)', async () => {
    const active = String(await signingKid())
    const { kid: standby } = await run('keys.generate')
    await foreignOperations()['keys.revoke']({ kid: active })
    await issuer.app.keyRing.load()
    expect(await signingKid()).toBe(standby)
    const { kid, changed } = (await foreignOperations()['keys.revoke']({
      kid: standby,
      force: true,
    })) as KeyAnswer
    expect({ kid, changed }).toEqual({ kid: standby, changed: true })
  })
})

test('keys.generate creates a key of the size that the admin names, and it can sign', async () => {
  const { kid, keys } = await run('keys.generate', { bits: 3072 })
  expect(keys.find((key) => key.kid === kid)).toMatchObject({ bits: 3072, state: 'pending' })
  await run('keys.activate', { kid, force: true })
  expect(await signingKid()).toBe(kid)
  for (const bits of [1024, 2049, '3072'])
    await expect(run('keys.generate', { bits })).rejects.toThrow('must be one of 2048, 3072, 4096')
})

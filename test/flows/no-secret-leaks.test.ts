// No secret is in a log line, an audit row or an error response, even at the log level `trace` (H9).
// The issuer runs in this process. test/processes/no-secret-leaks.test.ts checks a started process.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditRecord } from '../../src/audit.ts'
import type { Stores } from '../../src/stores/stores.ts'
import { type FaultyStores, faultyStores } from '../support/faulty-stores.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { found, type Journey, newJourney, travel } from '../support/secret-journey.ts'

let issuer: TestIssuer
let faulty: FaultyStores
let journey: Journey
let rows: AuditRecord[]
const appPassword = 'wipe-cactus-ninety-plaster'

/** An error as a database driver throws it, with the statement and its parameters. */
const driverFailure = (parameters: unknown[]) =>
  Object.assign(new Error('duplicate key value violates a constraint'), {
    code: '23505',
    query: 'insert into users values ($1)',
    parameters,
    detail: `Key (x)=(${parameters[0]})`,
  })

/** All operations of the CLI that handle a secret. */
const administer = async () => {
  const { operations } = issuer.app
  const { remember } = journey
  const password = 'admin-made-passphrase-of-some-length'
  remember('password', password)
  const email = 'made.by.admin@example.com'
  await operations['users.create']({ email, password })
  await expect(operations['users.create']({ email, password })).rejects.toThrow()
  await expect(operations['users.create']({ email: 'x', password })).rejects.toThrow()
  await operations['users.set-password']({ user: email, password: `${password}-next` })
  const hash = `$2b$10$${'N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'}`
  remember('hash', hash)
  const lines = [{ line: 1, record: { email: 'imported@example.com', password_hash: hash } }]
  await operations['users.import']({ lines })
  const broken = `pbkdf2_unknown$${hash}`
  await operations['users.import']({
    lines: [{ line: 1, record: { email: 'x@example.com', password_hash: broken } }],
  })
  const client = { id: 'canary', redirectUris: ['https://app.example/cb'], scopes: ['openid'] }
  for (const made of [
    await operations['clients.create'](client),
    await operations['clients.rotate-secret']({ id: 'canary' }),
  ])
    remember('client secret', (made as { client_secret: string }).client_secret)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  remember('private key', pem.split('\n')[5])
  remember('private exponent', privateKey.export({ format: 'jwk' }).d)
  await operations['keys.import']({ pem })
  await expect(operations['keys.import']({ pem: pem.replace('MII', 'MIJ') })).rejects.toThrow()
  await operations['keys.rotate']({ force: true, inSeconds: 0 })
  for (const { encryptedPrivateKey } of (await issuer.stores.signingKeys.list()) as {
    encryptedPrivateKey?: string
  }[])
    if (typeof encryptedPrivateKey === 'string') remember('encrypted key', encryptedPrivateKey)
}

beforeAll(async () => {
  faulty = faultyStores(memoryStores())
  const trap: { error?: Error } = {}
  const stores: Stores = {
    ...faulty.stores,
    users: {
      ...faulty.stores.users,
      findByLogin: async (login) => {
        if (trap.error) throw trap.error
        return faulty.stores.users.findByLogin(login)
      },
    },
  }
  const key = randomBytes(32)
  issuer = await testIssuer({
    stores,
    keyEncryptionKeys: [key],
    env: { METRICS_TOKEN: 'metrics-token-canary-0123456789' },
  })
  journey = newJourney()
  const { remember } = journey
  for (const form of ['base64', 'base64url', 'hex'] as const)
    remember('key-encryption key', key.toString(form))
  remember('metrics token', 'metrics-token-canary-0123456789')
  await issuer.send('/metrics', { headers: { authorization: 'Bearer metrics-token-canary-0123456789' } })
  await issuer.send('/metrics', { headers: { authorization: 'Bearer metrics-token-canary-0123456789x' } })

  const client = await issuer.client()
  const traveller = { url: issuer.url, journey }
  const secret = client.secret ?? ''
  const journeyClient = { id: client.id, secret, redirectUri: client.redirectUris[0] ?? '' }
  remember('client secret', secret)
  const user = await issuer.user({ password: appPassword })
  remember('password', appPassword)
  await travel({ ...traveller, client: journeyClient, user })
  await administer()
  // The same requests while all stores are down, and a sign-in while one store throws an unexpected error.
  const other = await issuer.user({ password: appPassword })
  faulty.failAll()
  await travel({ ...traveller, client: journeyClient, user: other }).catch(() => {})
  for (const path of ['/api/token', '/api/users'])
    await issuer.json(path, { email: 'a@example.com', password: appPassword })
  await issuer.refresh(client, `drt_${'A'.repeat(22)}.0.${'A'.repeat(43)}`)
  faulty.repair()
  trap.error = driverFailure([appPassword, secret])
  const failed = await issuer.json('/api/token', { email: other.email, password: appPassword })
  journey.refusals.push(failed.body)
  delete trap.error
  await issuer.app.auditTrail.flush()
  rows = await issuer.stores.auditLog.list({ limit: 1000 })
})
afterAll(() => issuer.close())

test('the requests produce enough audit events, secrets, errors and log lines to search (H9)', () => {
  const types = new Set(rows.map(({ type }) => type))
  for (const type of [
    'login.succeeded',
    'login.failed',
    'user.registered',
    'user.password_changed',
    'session.ended',
    'logout',
    'code.issued',
    'code.reused',
    'token.issued',
    'token.refreshed',
    'token.replayed',
    'token.revoked',
    'client.authentication_failed',
    'client.created',
    'client.secret_rotated',
    'key.imported',
    'key.rotated',
    'user.created',
    'user.imported',
  ] as const)
    expect(types, type).toContain(type)
  expect(journey.secrets.size).toBeGreaterThan(60)
  expect(journey.refusals.length).toBeGreaterThan(40)
  expect(issuer.logLines.length).toBeGreaterThan(100)
  // The search finds a known secret, so an empty result in the tests below means something.
  expect(found(`x${appPassword}x`, journey)).not.toEqual([])
})

test('no log line contains a secret (H9)', () => {
  for (const line of issuer.logLines) expect(found(line, journey), line).toEqual([])
})

test('no log line contains a query string, a header, a request body or a cookie (H9)', () => {
  for (const line of issuer.logLines)
    expect(line).not.toMatch(
      /\?\w+=|"(url|headers|body|cookies?|set-cookie|authorization|password|code_verifier|parameters|query)":/i,
    )
})

test('no row of the audit log contains a secret (H9)', () => {
  for (const row of rows) expect(found(JSON.stringify(row), journey), JSON.stringify(row)).toEqual([])
})

test('no error response contains a secret (H9)', () => {
  // A form that is shown again contains the id of the parked request, so that the sign-in can continue.
  const own = (name: string) => name.startsWith('parked request')
  for (const refusal of journey.refusals)
    expect(
      found(refusal, journey).filter((name) => !own(name)),
      refusal,
    ).toEqual([])
})

test('each audit event has a time, an actor and ids, and events of users and clients have an IP and request id (I4)', () => {
  for (const row of rows) {
    const shown = JSON.stringify(row)
    expect(row.at, shown).toBeInstanceOf(Date)
    expect(['user', 'client', 'admin', 'system'], shown).toContain(row.actor)
    if (row.actor === 'user' || row.actor === 'client')
      expect(row, shown).toMatchObject({ ip: '127.0.0.1', requestId: expect.any(String) })
    if (/^(token\.(issued|refreshed|replayed|reused)|code\.)/.test(row.type))
      expect(row, shown).toMatchObject({ userId: expect.any(String), clientId: expect.any(String) })
    if (/^token\.(refreshed|replayed|reused)$/.test(row.type)) expect(row.familyId, shown).toBeDefined()
    if (/^client\.(created|secret_rotated)$/.test(row.type)) expect(row.clientId, shown).toBe('canary')
    if (/^key\./.test(row.type)) expect(row.keyId, shown).toBeDefined()
    if (/^(login\.succeeded|user\.(registered|password_changed|created|imported))$/.test(row.type))
      expect(row.userId, shown).toBeDefined()
    if (/failed|throttled|refused/.test(row.type)) expect(row.reason, shown).toBeTruthy()
  }
})

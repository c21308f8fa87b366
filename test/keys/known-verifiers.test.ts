// Services can send their name when they fetch the JWKS. A key is not activated until they all have it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OperationName } from '../../src/admin/operations.ts'
import { createVerifier } from '../../verifiers/node/src/verifier.js'
import { callOperation } from '../support/call-operation.ts'
import { type FaultyStores, faultyStores } from '../support/faulty-stores.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

let faulty: FaultyStores
let issuer: TestIssuer
beforeEach(async () => {
  faulty = faultyStores(memoryStores())
  issuer = await testIssuer({ stores: faulty.stores, env: { TRUSTED_PROXIES: '127.0.0.1' } })
})
afterEach(() => issuer.close())

interface KeyAnswer {
  kid: string
  changed: boolean
  warning?: string
}

const run = (name: OperationName, input?: object) =>
  callOperation(issuer.app.operations, name, input) as Promise<KeyAnswer>

const fetchKeys = async (name: string, headers: Record<string, string> = {}) => {
  const answer = await issuer.send('/.well-known/jwks.json', {
    headers: { 'dojang-verifier': name, ...headers },
  })
  await issuer.app.verifierSightings.recorded()
  return answer
}

const known = async () =>
  (await issuer.app.operations['keys.verifiers']({})) as {
    name: string
    seen_at: string
    missing: string[]
  }[]

/** Creates a standby key and waits until only a known verifier can prevent its activation. */
const agedStandby = async () => {
  const { kid } = await run('keys.generate')
  issuer.clock.advance(3900)
  return kid
}

describe('keys.activate with known verifiers', () => {
  test('keys.activate refuses a key that a known verifier has not fetched, and names that verifier (D7)', async () => {
    await fetchKeys('notes-api')
    await fetchKeys('chat-api')
    const kid = await agedStandby()
    await fetchKeys('chat-api')
    const refusal = expect(run('keys.activate', { kid })).rejects
    await refusal.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/notes-api \(last fetched at .*--force/),
    })
    await expect(run('keys.activate', { kid })).rejects.not.toMatchObject({
      message: expect.stringContaining('chat-api'),
    })
    expect(await known()).toEqual([
      { name: 'chat-api', seen_at: issuer.clock.now().toISOString(), missing: [] },
      { name: 'notes-api', seen_at: expect.any(String), missing: [kid] },
    ])
    await fetchKeys('notes-api')
    expect(await run('keys.activate', { kid })).toMatchObject({ changed: true })
    expect(await run('keys.activate', { kid })).not.toHaveProperty('warning')
  })

  test('keys.activate with force activates the key and warns about the verifier (D7)', async () => {
    await fetchKeys('notes-api')
    const kid = await agedStandby()
    const done = await run('keys.activate', { kid, force: true })
    expect(done).toMatchObject({ changed: true, warning: expect.stringContaining('notes-api') })
  })

  test('a verifier that gets 304 for the JWKS counts as having the keys', async () => {
    await fetchKeys('notes-api')
    const kid = await agedStandby()
    const etag = (await issuer.send('/.well-known/jwks.json')).headers.get('etag') ?? ''
    expect((await fetchKeys('notes-api', { 'if-none-match': etag })).status).toBe(304)
    expect(await run('keys.activate', { kid })).toMatchObject({ changed: true })
  })

  test('a scheduled activation, a rotation and a revocation do not wait for verifiers', async () => {
    await fetchKeys('notes-api')
    const { kid } = await run('keys.generate')
    expect(await run('keys.activate', { kid, inSeconds: 3900 })).toMatchObject({ changed: true })
    const rotated = await testIssuer()
    await rotated.send('/.well-known/jwks.json', { headers: { 'dojang-verifier': 'notes-api' } })
    expect(await rotated.app.operations['keys.rotate']()).toMatchObject({ changed: true })
    const [first] = await rotated.app.operations['keys.list']()
    expect(await rotated.app.operations['keys.revoke']({ kid: String(first?.kid) })).toMatchObject({
      changed: true,
    })
    await rotated.close()
  })

  test('a verifier that has not fetched the JWKS for a day no longer blocks an activation', async () => {
    await fetchKeys('retired-api')
    const kid = await agedStandby()
    issuer.clock.advance(86_400)
    expect(await known()).toEqual([])
    expect(await run('keys.activate', { kid })).toMatchObject({ changed: true })
  })

  test('keys.activate refuses a key until a service with @dojang/verifier has fetched it', async () => {
    const options = {
      issuer: issuer.config.issuer,
      audience: issuer.config.defaultAudience,
      name: 'node-api',
      now: () => issuer.clock.now(),
      timers: { after: () => () => {} },
    }
    const verifier = createVerifier(options)
    await verifier.start()
    await issuer.app.verifierSightings.recorded()
    const kid = await agedStandby()
    await expect(run('keys.activate', { kid })).rejects.toMatchObject({
      message: expect.stringContaining('node-api'),
    })
    await createVerifier(options).start()
    await issuer.app.verifierSightings.recorded()
    expect(await run('keys.activate', { kid })).toMatchObject({ changed: true })
  })
})

describe('names of verifiers', () => {
  test.each(['', 'two words', 'a'.repeat(65), 'a/b', 'a,b', '<b>', "';--", '%00', 'é'])(
    'the JWKS is served without storing the malformed verifier name "%s"',
    async (name) => {
      expect((await fetchKeys(name)).status).toBe(200)
      expect(await known()).toEqual([])
    },
  )

  test('a JWKS request without a verifier name makes no store call', async () => {
    faulty.repair()
    await issuer.send('/.well-known/jwks.json')
    expect(faulty.calls).toEqual([])
  })

  const from = (network: number) => ({ 'x-forwarded-for': `192.0.${network}.1` })
  const flood = (count: number, network: (at: number) => number) =>
    Promise.all(Array.from({ length: count }, (_, at) => fetchKeys(`spam-${at}`, from(network(at)))))
  const names = async () => (await known()).map(({ name }) => name)

  test('100 invented names from one address keep no real service off the list (H13)', async () => {
    await flood(100, () => 1)
    expect(await names()).toHaveLength(50)
    await fetchKeys('notes-api', from(2))
    expect(await names()).toContain('notes-api')
  })

  test('names from many networks fill the list to 100, and a known verifier stays in it (H13)', async () => {
    await fetchKeys('notes-api')
    await flood(300, (at) => at % 10)
    expect(await names()).toHaveLength(100)
    expect(await names()).toContain('notes-api')
    issuer.clock.advance(300)
    await fetchKeys('more-spam')
    expect(await names()).not.toContain('more-spam')
    await flood(700, (at) => at % 200)
    await fetchKeys('notes-api')
    const at = issuer.clock.now().toISOString()
    expect((await known()).find(({ name }) => name === 'notes-api')?.seen_at).toBe(at)
  })

  test('a flood of new names causes a bounded number of store calls per minute (H13)', async () => {
    faulty.repair()
    await flood(900, (at) => at % 100)
    const writes = () => faulty.calls.filter((call) => call === 'knownVerifiers.record').length
    expect(writes()).toBeLessThanOrEqual(600)
    faulty.repair()
    await flood(200, () => 201)
    expect(writes()).toBe(0)
  })

  test('keys.activate refuses a key while the list is full, because a service may be missing (D7)', async () => {
    const kid = await agedStandby()
    await flood(200, (at) => at % 10)
    await expect(run('keys.activate', { kid })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('list of services'),
    })
    expect(await run('keys.activate', { kid, force: true })).toMatchObject({
      changed: true,
      warning: expect.stringContaining('list of services'),
    })
  })

  test('a verifier name is written at most once a minute, unless the keys changed', async () => {
    faulty.repair()
    for (let fetch = 0; fetch < 50; fetch += 1) await fetchKeys('busy-api')
    expect(faulty.calls.filter((call) => call === 'knownVerifiers.record')).toHaveLength(1)
    const { kid } = await run('keys.generate')
    await fetchKeys('busy-api')
    expect((await known())[0]?.missing).toEqual([])
    expect(kid).not.toBe('')
    issuer.clock.advance(60)
    faulty.repair()
    await fetchKeys('busy-api')
    expect(faulty.calls).toContain('knownVerifiers.record')
  })

  test('the JWKS is served while the store is down, and the next request stores the verifier name (D13)', async () => {
    faulty.failAll()
    const answer = await fetchKeys('notes-api')
    expect(answer.status).toBe(200)
    faulty.repair()
    expect(await known()).toEqual([])
    await fetchKeys('notes-api')
    expect(await known()).toHaveLength(1)
  })
})

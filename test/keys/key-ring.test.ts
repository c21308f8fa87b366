import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createKeyEncryption } from '../../src/encryption/sealing.ts'
import { createKeyRing } from '../../src/keys/key-ring.ts'
import { activate, addGenerated, revoke, rotate } from '../../src/keys/rotation.ts'
import { generateSigningKey, importSigningKey, loadSigningKey } from '../../src/keys/rsa-keys.ts'
import type { SigningKey, SigningKeys } from '../../src/keys/signing-keys.ts'
import { keepSeconds } from '../../src/keys/signing-keys.ts'
import { Unavailable } from '../../src/unavailable.ts'
import { testClock } from '../support/clock.ts'
import { memorySigningKeys } from '../support/memory/signing-keys.ts'

const newSecret = (): Uint8Array => Uint8Array.from(randomBytes(32))

const flip = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)

const now = testClock().now()
const secret = newSecret()
const { encrypt } = createKeyEncryption([secret])

const storeOf = async (records: readonly SigningKey[] = []): Promise<SigningKeys> => {
  const signingKeys = memorySigningKeys()
  await signingKeys.update(() => records)
  return signingKeys
}

describe('the key ring', () => {
  const ringOf = (signingKeys: SigningKeys, clock = testClock(), keys: Uint8Array[] = [secret]) => ({
    clock,
    ring: createKeyRing({ clock, signingKeys, keyEncryptionKeys: keys }),
  })
  const changeSet = (
    signingKeys: SigningKeys,
    change: (keys: readonly SigningKey[]) => { outcome: string; keys?: readonly SigningKey[] },
  ) =>
    signingKeys.update((keys) => {
      const { outcome, keys: next } = change(keys)
      if (next === undefined) throw new Error(outcome)
      return next
    })
  const kidsOf = (body: string): string[] => JSON.parse(body).keys.map(({ kid }: { kid: string }) => kid)

  test('two instances that start together create one key (D9)', async () => {
    const signingKeys = await storeOf()
    const [a, b] = [ringOf(signingKeys).ring, ringOf(signingKeys).ring]
    const [first, second] = await Promise.all([a.ensureFirst(), b.ensureFirst()])
    expect(first.kid).toBe(second.kid)
    expect(await signingKeys.list()).toHaveLength(1)
    expect([a.current().kid, b.current().kid]).toEqual([first.kid, first.kid])
  })

  test('the key ring has no current key before a key is loaded', async () => {
    const { ring } = ringOf(await storeOf())
    expect(() => ring.current()).toThrow(Unavailable)
  })

  test('the key ring switches keys at the stored time without reading the store, and publishes the key it signs with (D10, D13)', async () => {
    let reads = 0
    const inner = await storeOf()
    const signingKeys: SigningKeys = {
      ...inner,
      list: () => {
        reads += 1
        return inner.list()
      },
    }
    const { ring, clock } = ringOf(signingKeys)
    const first = await ring.ensureFirst()
    const next = await generateSigningKey({ now: clock.now(), encrypt })
    await changeSet(signingKeys, (keys) => rotate(keys, next, { now: clock.now() }))
    await ring.load()
    const soFar = reads
    const early = ring.jwks()
    expect(kidsOf(early.body).sort()).toEqual([first.kid, next.kid].sort())
    clock.advance(86_399)
    expect(ring.current().kid).toBe(first.kid)
    clock.advance(1)
    expect(ring.current().kid).toBe(next.kid)
    expect(ring.jwks()).toEqual(early)
    clock.advance(keepSeconds)
    expect(kidsOf(ring.jwks().body)).toEqual([next.kid])
    expect(ring.jwks().etag).not.toBe(early.etag)
    expect(ring.verifying().map(({ kid }) => kid)).toEqual([next.kid])
    expect(
      ring
        .verifyingHints()
        .map(({ kid }) => kid)
        .sort(),
    ).toEqual([first.kid, next.kid].sort())
    expect(reads).toBe(soFar)
  })

  test('a revoked key does not sign, does not verify and is not published (D11)', async () => {
    const signingKeys = await storeOf()
    const { ring, clock } = ringOf(signingKeys)
    const first = await ring.ensureFirst()
    const standby = await generateSigningKey({ now: clock.now(), encrypt })
    await changeSet(signingKeys, (keys) => addGenerated(keys, standby, clock.now()))
    await changeSet(signingKeys, (keys) => revoke(keys, first.kid, clock.now()))
    await ring.load()
    expect(ring.current().kid).toBe(standby.kid)
    expect(kidsOf(ring.jwks().body)).toEqual([standby.kid])
    expect(ring.verifyingHints().map(({ kid }) => kid)).toEqual([standby.kid])
  })

  test('the JWKS, the records, errors and the loaded key show no private key material (D4)', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const taken = await importSigningKey(
      pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      {
        now,
        encrypt,
      },
    )
    if (taken.outcome !== 'imported') throw new Error(taken.reason)
    const record = { ...taken.key, activatesAt: now }
    const { ring } = ringOf(await storeOf([record]))
    await ring.load()
    const { d, p, q, dp, dq, qi } = pair.privateKey.export({ format: 'jwk' })
    const { ring: wrong } = ringOf(await storeOf([record]), testClock(), [newSecret()])
    const failure = await wrong.load().catch(String)
    const printed = [
      ring.jwks().body,
      JSON.stringify(ring.records()),
      JSON.stringify(ring.current()),
      failure,
    ]
    for (const member of [d, p, q, dp, dq, qi]) expect(printed.join()).not.toContain(String(member))
  })

  describe('a key that cannot be used', () => {
    const at = (record: SigningKey): SigningKey => ({ ...record, activatesAt: now })
    const made = Promise.all([generateSigningKey({ now, encrypt }), generateSigningKey({ now, encrypt })])

    test('loading fails with the kid when no key-encryption key opens the private key (D17)', async () => {
      const [record] = await made
      const { ring } = ringOf(await storeOf([at(record)]), testClock(), [newSecret()])
      await expect(ring.load()).rejects.toThrow(`No key-encryption key decrypts signing key ${record.kid}`)
      expect(() => ring.current()).toThrow(Unavailable)
    })

    test('loading fails with the kid when the sealed private key was changed (D17)', async () => {
      const [record] = await made
      const tampered = { ...record, encryptedPrivateKey: flip(record.encryptedPrivateKey, 300) }
      await expect(ringOf(await storeOf([at(tampered)])).ring.load()).rejects.toThrow(record.kid)
    })

    test('loading fails when the private key of another key was sealed for this kid (D17)', async () => {
      const [record, other] = await made
      const { decrypt } = createKeyEncryption([secret])
      const foreign = encrypt(record.kid, decrypt(other.kid, other.encryptedPrivateKey))
      const ring = ringOf(await storeOf([at({ ...record, encryptedPrivateKey: foreign })])).ring
      await expect(ring.load()).rejects.toThrow('does not belong to its public key')
    })

    test('loading fails when the public key was changed (D17)', async () => {
      const [record, other] = await made
      const ring = ringOf(await storeOf([at({ ...record, publicJwk: other.publicJwk })])).ring
      await expect(ring.load()).rejects.toThrow('does not belong to its public key')
    })

    test('loading fails when the kid is not the thumbprint of the key (D17)', async () => {
      const [record] = await made
      const pkcs8 = createKeyEncryption([secret]).decrypt(record.kid, record.encryptedPrivateKey)
      await expect(loadSigningKey({ ...record, kid: 'another' }, pkcs8)).rejects.toThrow('thumbprint')
    })

    test('loading and importing fail when the private numbers do not match the public ones (D17)', async () => {
      const [record, other] = await made
      const { decrypt } = createKeyEncryption([secret])
      const pkcs8 = decrypt(other.kid, other.encryptedPrivateKey)
      const numbers = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
      const mixed = createPrivateKey({ key: { ...numbers, ...record.publicJwk }, format: 'jwk' })
      const loading = loadSigningKey(record, mixed.export({ format: 'der', type: 'pkcs8' }))
      await expect(loading).rejects.toThrow('Its signature does not verify')
      const pem = mixed.export({ format: 'pem', type: 'pkcs8' }).toString()
      const taken = await importSigningKey(pem, { now, encrypt })
      expect(taken).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('damaged') })
    })

    test('loading fails when a key has fewer than 2048 bits (D1, D17)', async () => {
      const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
      const { n = '', e = '' } = small.publicKey.export({ format: 'jwk' })
      const [record] = await made
      const pkcs8 = small.privateKey.export({ format: 'der', type: 'pkcs8' })
      const weak: SigningKey = { ...record, publicJwk: { kty: 'RSA', n, e } }
      await expect(loadSigningKey(weak, pkcs8)).rejects.toThrow('1024 bits')
    })
  })

  test('a key that cannot be loaded does not hide the revocation of another key', async () => {
    const signingKeys = await storeOf()
    const { ring, clock } = ringOf(signingKeys)
    const first = await ring.ensureFirst()
    const standby = await generateSigningKey({ now: clock.now(), encrypt })
    const unusable = await generateSigningKey({
      now: clock.now(),
      encrypt: createKeyEncryption([newSecret()]).encrypt,
    })
    await changeSet(signingKeys, (keys) => addGenerated(keys, standby, clock.now()))
    clock.advance(1)
    await changeSet(signingKeys, (keys) => addGenerated(keys, unusable, clock.now()))
    await changeSet(signingKeys, (keys) => revoke(keys, first.kid, clock.now()))
    await expect(ring.load()).rejects.toThrow(unusable.kid)
    expect(ring.current().kid).toBe(standby.kid)
  })

  test('a forced activation takes effect with the next load (D9)', async () => {
    const signingKeys = await storeOf()
    const { ring, clock } = ringOf(signingKeys)
    await ring.ensureFirst()
    const next = await generateSigningKey({ now: clock.now(), encrypt })
    const at = clock.now()
    await changeSet(signingKeys, (keys) => addGenerated(keys, next, at))
    await changeSet(signingKeys, (keys) => activate(keys, next.kid, { now: at, at, force: true }))
    await ring.load()
    expect(ring.current().kid).toBe(next.kid)
  })
})

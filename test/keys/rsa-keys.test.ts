import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createKeyEncryption } from '../../src/encryption/sealing.ts'
import { exportPublicPem, generateSigningKey, importSigningKey } from '../../src/keys/rsa-keys.ts'
import { stateAt } from '../../src/keys/signing-keys.ts'
import { testClock } from '../support/clock.ts'

const newSecret = (): Uint8Array => Uint8Array.from(randomBytes(32))

const now = testClock().now()
const secret = newSecret()
const { encrypt } = createKeyEncryption([secret])

describe('importSigningKey', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pkcs8 = pair.privateKey.export({ format: 'pem', type: 'pkcs8' })
  const pkcs1 = pair.privateKey.export({ format: 'pem', type: 'pkcs1' })
  const spki = pair.publicKey.export({ format: 'pem', type: 'spki' })
  const privatePem = (key: { privateKey: typeof pair.privateKey }) =>
    key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()

  test.each([
    ['PKCS#8', pkcs8],
    ['PKCS#1', pkcs1],
  ])('a PEM in %s is imported as a standby key, and its public key can be exported', async (_, pem) => {
    const taken = await importSigningKey(pem.toString(), { now, encrypt })
    if (taken.outcome !== 'imported') throw new Error(taken.reason)
    expect(stateAt(taken.key, now)).toBe('pending')
    expect(exportPublicPem(taken.key)).toBe(spki)
    expect(JSON.stringify(taken.key)).not.toContain(String(pair.privateKey.export({ format: 'jwk' }).d))
  })

  const protectedPem = pair.privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: randomBytes(8).toString('hex'),
  })
  const smallExponent = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const ellipticCurve = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
  test.each([
    ['a key below 2048 bits', ' (D1)', privatePem(small), '1024 bits'],
    ['a key with an exponent other than 65537', ' (D1)', privatePem(smallExponent), 'exponent'],
    ['an elliptic-curve key', '', privatePem(ellipticCurve), 'not an RSA key'],
    ['an RSA-PSS key', '', privatePem(pss), 'not an RSA key'],
    ['a public key', '', spki.toString(), 'only a public key'],
    ['a PEM with a passphrase', '', protectedPem.toString(), 'passphrase'],
    ['half a PEM', '', pkcs8.toString().slice(0, 500), 'cut off'],
    ['a text without a key', '', 'hello', 'no private key'],
  ])(
    'importSigningKey refuses %s, and its reason contains no part of the PEM%s',
    async (_, _rule, pem, reason) => {
      const taken = await importSigningKey(pem, { now, encrypt })
      expect(taken).toEqual({ outcome: 'refused', reason: expect.stringContaining(reason) })
      const body = pem.split('\n')[3]
      if (body && body.length > 20) expect(JSON.stringify(taken)).not.toContain(body)
    },
  )
})

describe('generateSigningKey', () => {
  test('a generated key has 2048 bits or more and e = 65537, and fewer bits are refused (D1)', async () => {
    const made = await generateSigningKey({ now, encrypt })
    expect(Buffer.from(made.publicJwk.n, 'base64url')).toHaveLength(256)
    expect(made.publicJwk.e).toBe('AQAB')
    const larger = await generateSigningKey({ now, encrypt, modulusLength: 3072 })
    expect(Buffer.from(larger.publicJwk.n, 'base64url')).toHaveLength(384)
    await expect(generateSigningKey({ now, encrypt, modulusLength: 1024 })).rejects.toThrow('1024')
  })
})

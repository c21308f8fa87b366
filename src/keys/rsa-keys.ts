// RSA keys as material: making them, taking them in from PEM, giving out the public half, bringing a record into memory.
// Does not seal private keys (key-encryption.ts) and does not decide which key signs (signing-keys.ts).
import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { fromEpochSeconds } from '../clock.ts'
import type { EncryptPrivateKey } from '../encryption/sealing.ts'
import { type LoadedKey, signJwt, thumbprint, type VerifyingKey, verifyJwt } from './jwt.ts'
import type { PublicKeyJwk, SigningKey } from './signing-keys.ts'

/** RSA sizes that are made and taken in; smaller is refused everywhere (RFC 7518 §3.3). */
export const modulusLengths = [2048, 3072, 4096] as const
export type ModulusLength = (typeof modulusLengths)[number]

const smallestModulus = modulusLengths[0]
const largestModulus = modulusLengths[2]

interface Making {
  now: Date
  encrypt: EncryptPrivateKey
}

/** Why a key may not sign for us, in one sentence, or undefined. */
const weakness = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined => {
  if (asymmetricKeyType !== 'rsa') return 'It is not an RSA key; RS256 needs one.'
  const bits = asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < smallestModulus)
    return `It has ${bits} bits; at least ${smallestModulus} are needed (RFC 7518 §3.3).`
  if (bits > largestModulus) return `It has ${bits} bits; at most ${largestModulus} are supported.`
  if (asymmetricKeyDetails?.publicExponent !== 65_537n)
    return 'Its public exponent is not 65537; other exponents are not supported.'
  return undefined
}

const publicJwkOf = (privateKey: KeyObject): PublicKeyJwk => {
  const { n, e } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (n === undefined || e === undefined) throw new Error('The key is not an RSA key.')
  return { kty: 'RSA', n, e }
}

const recordOf = async (privateKey: KeyObject, { now, encrypt }: Making): Promise<SigningKey> => {
  const publicJwk = publicJwkOf(privateKey)
  const kid = await thumbprint(publicJwk)
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  const encryptedPrivateKey = encrypt(kid, pkcs8)
  pkcs8.fill(0)
  return { kid, alg: 'RS256', publicJwk, encryptedPrivateKey, createdAt: now, publishedAt: now }
}

/**
 * A new RSA key with e = 65537 from the platform's CSPRNG: a standby, published at `now`, with no activation.
 * @throws {Error} if the size is not one of `modulusLengths`
 */
export const generateSigningKey = async ({
  modulusLength = 2048,
  ...making
}: Making & { modulusLength?: number }): Promise<SigningKey> => {
  if (!modulusLengths.some((length) => length === modulusLength))
    throw new Error(`An RSA signing key has ${modulusLengths.join(', ')} bits, not ${modulusLength}.`)
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength, publicExponent: 65_537 })
  return recordOf(privateKey, making)
}

export type KeyImport = { outcome: 'imported'; key: SigningKey } | { outcome: 'refused'; reason: string }

/** Why a text cannot be read as a private key, before anything is parsed. */
const notPrivatePem = (pem: string): string | undefined => {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: *4, *ENCRYPTED/.test(pem))
    return 'The PEM is encrypted with a passphrase; decrypt it first (openssl pkey -in FILE).'
  if (/BEGIN (RSA |EC )?PRIVATE KEY/.test(pem)) return undefined
  return /BEGIN (RSA )?PUBLIC KEY|BEGIN CERTIFICATE/.test(pem)
    ? 'The PEM holds only a public key; signing needs the private key.'
    : 'The text holds no private key in PEM form (PKCS#8 or PKCS#1).'
}

/** Takes in a private key from PEM, PKCS#8 or PKCS#1: a standby, published at `now`. A reason never quotes the key. */
export const importSigningKey = async (pem: string, making: Making): Promise<KeyImport> => {
  const refused = (reason: string): KeyImport => ({ outcome: 'refused', reason })
  const unreadable = notPrivatePem(pem)
  if (unreadable !== undefined) return refused(unreadable)
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(pem)
  } catch {
    return refused('The PEM cannot be read as a private key; it may be cut off or damaged.')
  }
  const weak = weakness(privateKey)
  if (weak !== undefined) return refused(`The key cannot be used. ${weak}`)
  const key = await recordOf(privateKey, making)
  try {
    await loadSigningKey(key, privateKey.export({ format: 'der', type: 'pkcs8' }))
  } catch {
    return refused('What the private key signs does not verify with its public key; it is damaged.')
  }
  return { outcome: 'imported', key }
}

/** The public key as PEM (SPKI), for services that need a file. */
export const exportPublicPem = ({ publicJwk }: Pick<SigningKey, 'publicJwk'>): string =>
  createPublicKey({ key: { ...publicJwk }, format: 'jwk' })
    .export({ format: 'pem', type: 'spki' })
    .toString()

const webCrypto = { RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } } as const

/** The public half of a record, for checking what it signed. */
export const loadVerifyingKey = ({ kid, alg, publicJwk }: SigningKey): VerifyingKey => ({
  kid,
  alg,
  publicKey: createPublicKey({ key: { ...publicJwk }, format: 'jwk' }).toCryptoKey(webCrypto[alg], true, [
    'verify',
  ]),
})

const selfTest = async (key: LoadedKey): Promise<boolean> => {
  const typ = 'self-test'
  const token = await signJwt({ typ, claims: { iss: typ, iat: 0, exp: 1 }, key })
  const { outcome } = await verifyJwt(token, { keys: [key], typ, issuer: typ, now: fromEpochSeconds(0) })
  return outcome === 'valid'
}

/**
 * Brings a decrypted private key into memory and proves it: size, the record's public key and `kid`, and one
 * signature that verifies.
 * @throws {Error} naming the key and what is wrong with it, never quoting it
 */
export const loadSigningKey = async (record: SigningKey, pkcs8: Uint8Array): Promise<LoadedKey> => {
  const fault = (what: string) => new Error(`Signing key ${record.kid} cannot be used. ${what}`)
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  } catch {
    throw fault('Its private key is not readable.')
  }
  const weak = weakness(privateKey)
  if (weak !== undefined) throw fault(weak)
  const publicJwk = publicJwkOf(privateKey)
  if (publicJwk.n !== record.publicJwk.n || publicJwk.e !== record.publicJwk.e)
    throw fault('Its private key does not belong to its public key.')
  if ((await thumbprint(publicJwk)) !== record.kid) throw fault('Its kid is not its thumbprint (RFC 7638).')
  const key: LoadedKey = {
    ...loadVerifyingKey(record),
    privateKey: privateKey.toCryptoKey(webCrypto[record.alg], false, ['sign']),
  }
  if (!(await selfTest(key).catch(() => false))) throw fault('What it signs does not verify.')
  return key
}

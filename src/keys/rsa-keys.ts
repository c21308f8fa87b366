// RSA key material: generates keys, imports PEM, exports the public key, and loads a record into memory. It
// does not encrypt private keys (encryption/sealing.ts) or decide which key signs (signing-keys.ts).
import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPair, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { fromEpochSeconds } from '../clock.ts'
import type { EncryptPrivateKey } from '../encryption/sealing.ts'
import { type LoadedKey, signJwt, thumbprint, type VerifyingKey, verifyJwt } from './jwt.ts'
import type { PublicKeyJwk, SigningKey } from './signing-keys.ts'

/** Bits of the RSA keys that Dojang generates. RFC 7518 §3.3 requires at least 2048. */
export const modulusLengths = [2048, 3072, 4096] as const
export type ModulusLength = (typeof modulusLengths)[number]

const smallestModulus = modulusLengths[0]
const largestModulus = modulusLengths[2]

interface KeyCreation {
  now: Date
  encrypt: EncryptPrivateKey
}

/** One sentence that says why the key must not sign, or undefined. */
const weakness = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined => {
  if (asymmetricKeyType !== 'rsa') return 'It is not an RSA key, but RS256 needs an RSA key.'
  const bits = asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < smallestModulus)
    return `It has ${bits} bits, but at least ${smallestModulus} are required (RFC 7518 §3.3).`
  if (bits > largestModulus) return `It has ${bits} bits, but at most ${largestModulus} are supported.`
  if (asymmetricKeyDetails?.publicExponent !== 65_537n)
    return 'Its public exponent is not 65537, and no other exponent is supported.'
  return undefined
}

const publicJwkOf = (privateKey: KeyObject): PublicKeyJwk => {
  const { n, e } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (n === undefined || e === undefined) throw new Error('The key is not an RSA key.')
  return { kty: 'RSA', n, e }
}

const recordOf = async (privateKey: KeyObject, { now, encrypt }: KeyCreation): Promise<SigningKey> => {
  const publicJwk = publicJwkOf(privateKey)
  const kid = await thumbprint(publicJwk)
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  const encryptedPrivateKey = encrypt(kid, pkcs8)
  pkcs8.fill(0)
  return { kid, alg: 'RS256', publicJwk, encryptedPrivateKey, createdAt: now, publishedAt: now }
}

/**
 * Generates an RSA key (e = 65537) with the platform's CSPRNG, as a standby that is published at `now`.
 * @throws {Error} if the size is not one of `modulusLengths`
 */
export const generateSigningKey = async ({
  modulusLength = 2048,
  ...creation
}: KeyCreation & { modulusLength?: number }): Promise<SigningKey> => {
  if (!modulusLengths.some((length) => length === modulusLength))
    throw new Error(
      `An RSA signing key cannot have ${modulusLength} bits. Use one of ${modulusLengths.join(', ')}.`,
    )
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength, publicExponent: 65_537 })
  return recordOf(privateKey, creation)
}

export type KeyImport = { outcome: 'imported'; key: SigningKey } | { outcome: 'refused'; reason: string }

/** Finds common mistakes by the PEM header, for a better message than the parser gives. */
const pemProblem = (pem: string): string | undefined => {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: *4, *ENCRYPTED/.test(pem))
    return 'The PEM is encrypted with a passphrase. Decrypt it first (openssl pkey -in FILE).'
  if (/BEGIN (RSA |EC )?PRIVATE KEY/.test(pem)) return undefined
  return /BEGIN (RSA )?PUBLIC KEY|BEGIN CERTIFICATE/.test(pem)
    ? 'The PEM contains only a public key, but signing needs the private key.'
    : 'The text contains no private key in PEM format (PKCS#8 or PKCS#1).'
}

/**
 * Imports a private key in PEM format (PKCS#8 or PKCS#1) as a standby, published at `now`. The reason of a
 * refusal never quotes the key.
 */
export const importSigningKey = async (pem: string, creation: KeyCreation): Promise<KeyImport> => {
  const refused = (reason: string): KeyImport => ({ outcome: 'refused', reason })
  const problem = pemProblem(pem)
  if (problem !== undefined) return refused(problem)
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(pem)
  } catch {
    return refused('The PEM cannot be parsed as a private key. It may be cut off or damaged.')
  }
  const weak = weakness(privateKey)
  if (weak !== undefined) return refused(`The key cannot be used. ${weak}`)
  const key = await recordOf(privateKey, creation)
  try {
    await loadSigningKey(key, privateKey.export({ format: 'der', type: 'pkcs8' }))
  } catch {
    return refused('A signature of the private key does not verify with its public key. The key is damaged.')
  }
  return { outcome: 'imported', key }
}

/** The public key in PEM format (SPKI), for services that need a file. */
export const exportPublicPem = ({ publicJwk }: Pick<SigningKey, 'publicJwk'>): string =>
  createPublicKey({ key: { ...publicJwk }, format: 'jwk' })
    .export({ format: 'pem', type: 'spki' })
    .toString()

const webCrypto = { RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } } as const

export const loadVerifyingKey = ({ kid, alg, publicJwk }: SigningKey): VerifyingKey => ({
  kid,
  alg,
  publicKey: createPublicKey({ key: { ...publicJwk }, format: 'jwk' }).toCryptoKey(webCrypto[alg], true, [
    'verify',
  ]),
})

/** SHA-256 with the padding of RS256 (RFC 7518 §3.3). `subtle.sign` needs 10 µs more on the main thread. */
const signingWith =
  (privateKey: KeyObject): LoadedKey['sign'] =>
  (text) =>
    new Promise((resolve, reject) => {
      sign('sha256', Buffer.from(text), privateKey, (error, signature) =>
        error ? reject(error) : resolve(signature.toString('base64url')),
      )
    })

const selfTest = async (key: LoadedKey): Promise<boolean> => {
  const typ = 'self-test'
  const token = await signJwt({ typ, claims: { iss: typ, iat: 0, exp: 1 }, key })
  const { outcome } = await verifyJwt(token, { keys: [key], typ, issuer: typ, now: fromEpochSeconds(0) })
  return outcome === 'valid'
}

/**
 * Loads a decrypted private key, and tests its size, its public key, its `kid` and one signature.
 * @throws {Error} with the `kid` and the problem, without any part of the private key
 */
export const loadSigningKey = async (record: SigningKey, pkcs8: Uint8Array): Promise<LoadedKey> => {
  const unusable = (problem: string) => new Error(`Signing key ${record.kid} cannot be used. ${problem}`)
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  } catch {
    throw unusable('Its private key cannot be parsed.')
  }
  const weak = weakness(privateKey)
  if (weak !== undefined) throw unusable(weak)
  const publicJwk = publicJwkOf(privateKey)
  if (publicJwk.n !== record.publicJwk.n || publicJwk.e !== record.publicJwk.e)
    throw unusable('Its private key does not belong to its public key.')
  if ((await thumbprint(publicJwk)) !== record.kid)
    throw unusable('Its kid is not its thumbprint (RFC 7638).')
  const key: LoadedKey = {
    ...loadVerifyingKey(record),
    sign: signingWith(privateKey),
  }
  if (!(await selfTest(key).catch(() => false))) throw unusable('Its signature does not verify.')
  return key
}

// Encrypts secrets for the database, and records for the browser, with AES-256-GCM. The associated data binds
// each secret to its owner. The key-encryption key comes from local-key-file.ts or from the configuration.

import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Kid } from '../ids.ts'
import { deriveKey } from '../secrets.ts'

/** Encrypts a private key (PKCS#8, DER) for its record. */
export type EncryptPrivateKey = (kid: Kid, pkcs8: Uint8Array) => string

export interface KeyEncryption {
  encrypt: EncryptPrivateKey
  /** @throws {Error} with the `kid` and the next step, if no key-encryption key decrypts it */
  decrypt(kid: Kid, sealed: string): Buffer
  /** True if the first key-encryption key decrypts it, so that the second one is not needed. */
  openedByFirst(kid: Kid, sealed: string): boolean
  /** How many key-encryption keys there are. */
  count: number
}

const ivLength = 12
const tagLength = 16

/** `v1.` and the base64url text of IV, ciphertext and tag. A new algorithm needs a new version. */
const sealedFormat = /^v1\.([A-Za-z0-9_-]+)$/

const seal = (key: KeyObject, owner: string, plain: Uint8Array): string => {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(owner))
  const sealed = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return `v1.${sealed.toString('base64url')}`
}

/** Undefined if the text does not have the format of `seal`. */
const parse = (text: string): Buffer | undefined => {
  const sealed = Buffer.from(sealedFormat.exec(text)?.[1] ?? '', 'base64url')
  return sealed.length > ivLength + tagLength ? sealed : undefined
}

/** Undefined if the key is wrong, or if the ciphertext or `owner` was changed. */
const open = (key: KeyObject, owner: string, sealed: Buffer): Buffer | undefined => {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), {
    authTagLength: tagLength,
  })
  decipher.setAAD(Buffer.from(owner)).setAuthTag(sealed.subarray(-tagLength))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(ivLength, -tagLength)), decipher.final()])
  } catch {
    return undefined
  }
}

const openWithAny = (keys: readonly KeyObject[], owner: string, sealed: Buffer): Buffer | undefined => {
  for (const key of keys) {
    const plain = open(key, owner, sealed)
    if (plain !== undefined) return plain
  }
  return undefined
}

/**
 * Derives a key for one purpose from each key-encryption key, so that a key is never used for two purposes
 * (D16 in docs/security.md). The first key encrypts. All keys decrypt, which allows a rotation of the
 * key-encryption key.
 * @throws {Error} if there is no key
 */
const deriveKeys = (keyEncryptionKeys: readonly Uint8Array[], purpose: string) => {
  const keys = keyEncryptionKeys.map((secret) => deriveKey(secret, purpose))
  const current = keys[0]
  if (current === undefined) throw new Error('At least one key-encryption key is required.')
  return { current, keys }
}

/** Encrypts a secret text, such as a provider's token. `owner` is the record that the text belongs to. */
export interface TextEncryption {
  encrypt(owner: string, text: string): string
  /** Undefined if the text is malformed or no key decrypts it. */
  decrypt(owner: string, sealed: string): string | undefined
}

/** @throws {Error} if `keyEncryptionKeys` is empty */
export const createTextEncryption = (
  keyEncryptionKeys: readonly Uint8Array[],
  purpose: string,
): TextEncryption => {
  const { current, keys } = deriveKeys(keyEncryptionKeys, purpose)
  return {
    encrypt: (owner, text) => seal(current, owner, Buffer.from(text)),
    decrypt: (owner, text) => {
      const sealed = parse(text)
      return sealed && openWithAny(keys, owner, sealed)?.toString('utf8')
    },
  }
}

/** Encrypts a record that a browser carries. `owner` is the kind of the record, and what it belongs to. */
export interface RecordSealing {
  seal(owner: string, record: object): string
  /** Undefined if the text is malformed or no key decrypts it. Otherwise the record after JSON. */
  open(owner: string, sealed: string): unknown
}

/**
 * Compresses a record before the encryption, because URLs and cookies have little space.
 * @throws {Error} if `keyEncryptionKeys` is empty
 */
export const createRecordSealing = (
  keyEncryptionKeys: readonly Uint8Array[],
  purpose: string,
): RecordSealing => {
  const { current, keys } = deriveKeys(keyEncryptionKeys, purpose)
  return {
    seal: (owner, record) => seal(current, owner, deflateRawSync(JSON.stringify(record))),
    open: (owner, text) => {
      const sealed = parse(text)
      const plain = sealed && openWithAny(keys, owner, sealed)
      return plain && JSON.parse(inflateRawSync(plain).toString('utf8'))
    },
  }
}

/** @throws {Error} if `keyEncryptionKeys` is empty */
export const createKeyEncryption = (keyEncryptionKeys: readonly Uint8Array[]): KeyEncryption => {
  const { current, keys } = deriveKeys(keyEncryptionKeys, 'signing-keys')
  return {
    count: keys.length,
    encrypt: (kid, pkcs8) => seal(current, kid, pkcs8),
    openedByFirst: (kid, text) => {
      const sealed = parse(text)
      const plain = sealed && open(current, kid, sealed)
      plain?.fill(0)
      return plain !== undefined
    },
    decrypt: (kid, text) => {
      const sealed = parse(text)
      if (sealed === undefined)
        throw new Error(
          `The private key of signing key ${kid} is not in a format that this version can read.`,
        )
      const plain = openWithAny(keys, kid, sealed)
      if (plain !== undefined) return plain
      throw new Error(
        `No key-encryption key decrypts signing key ${kid}. ` +
          'It was encrypted with another key-encryption key, or its record was changed. ' +
          'Restore the previous key-encryption key (KEY_ENCRYPTION_KEY, or the file in KEYS_DIR). ' +
          'If a new one is in use, add the previous one as the second. ' +
          'If the previous one is lost, "dojang keys revoke --force" replaces the signing key.',
      )
    },
  }
}

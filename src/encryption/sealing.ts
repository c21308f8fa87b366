// Secrets at rest: AES-256-GCM under the key-encryption key, what they belong to as associated data. Owns the sealed form;
// where the key-encryption key comes from is local-key-encryption-key.ts or the configuration.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Kid } from '../ids.ts'
import { deriveKey } from '../secrets.ts'

/** Seals a private key (PKCS#8, DER) for its record. */
export type EncryptPrivateKey = (kid: Kid, pkcs8: Uint8Array) => string

export interface KeyEncryption {
  encrypt: EncryptPrivateKey
  /** @throws {Error} naming the signing key and what to do, if no key-encryption key opens it */
  decrypt(kid: Kid, sealed: string): Buffer
}

const ivLength = 12
const tagLength = 16

/** `v1.` and base64url of IV, ciphertext and tag; another algorithm would be another version. */
const form = /^v1\.([A-Za-z0-9_-]+)$/

const seal = (key: Uint8Array, kid: Kid, plain: Uint8Array): string => {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(kid))
  const sealed = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return `v1.${sealed.toString('base64url')}`
}

/** Undefined if the key does not open it, or if text or `kid` were changed. */
const open = (key: Uint8Array, kid: Kid, sealed: Buffer): Buffer | undefined => {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), {
    authTagLength: tagLength,
  })
  decipher.setAAD(Buffer.from(kid)).setAuthTag(sealed.subarray(-tagLength))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(ivLength, -tagLength)), decipher.final()])
  } catch {
    return undefined
  }
}

/** Seals a text that is not ours to show (a provider's token), bound to what it is about. */
export interface TextEncryption {
  encrypt(about: string, text: string): string
  /** Undefined if no key opens it. */
  decrypt(about: string, sealed: string): string | undefined
}

/** The first key seals, all open. `purpose` separates it from every other use of them. */
export const createTextEncryption = (
  keyEncryptionKeys: readonly Uint8Array[],
  purpose: string,
): TextEncryption => {
  const keys = keyEncryptionKeys.map((secret) => deriveKey(secret, purpose))
  const sealing = keys[0]
  if (sealing === undefined) throw new Error('textEncryption needs a key')
  return {
    encrypt: (about, text) => seal(sealing, about, Buffer.from(text)),
    decrypt: (about, text) => {
      const sealed = Buffer.from(form.exec(text)?.[1] ?? '', 'base64url')
      if (sealed.length <= ivLength + tagLength) return undefined
      for (const key of keys) {
        const plain = open(key, about, sealed)
        if (plain !== undefined) return plain.toString('utf8')
      }
      return undefined
    },
  }
}

/**
 * `keyEncryptionKeys`: the first seals, all open (rotation window). Each is used through a key derived for this purpose
 * alone (checklist D16), since refresh tokens have theirs from the same secret.
 */
export const createKeyEncryption = (keyEncryptionKeys: readonly Uint8Array[]): KeyEncryption => {
  const keys = keyEncryptionKeys.map((secret) => deriveKey(secret, 'signing-keys'))
  const sealing = keys[0]
  if (sealing === undefined) throw new Error('keyEncryption needs a key')
  return {
    encrypt: (kid, pkcs8) => seal(sealing, kid, pkcs8),
    decrypt: (kid, text) => {
      const sealed = Buffer.from(form.exec(text)?.[1] ?? '', 'base64url')
      if (sealed.length <= ivLength + tagLength)
        throw new Error(`The private key of signing key ${kid} is not in a form that this version can read.`)
      for (const key of keys) {
        const plain = open(key, kid, sealed)
        if (plain !== undefined) return plain
      }
      throw new Error(
        `No key-encryption key opens signing key ${kid}: it was sealed under another one, or its record was changed. ` +
          'Bring back the key-encryption key that was in use (KEY_ENCRYPTION_KEY, or the file in KEYS_DIR), as the ' +
          'second one if a new one is in use; if it is lost, "dojang keys revoke --force" replaces the signing key.',
      )
    },
  }
}

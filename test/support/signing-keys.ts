// Signing keys for issuers in this process. A new key costs 50 ms, so an issuer gets the key of a closed one.
// Issuers that run at the same time have different keys.
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { AppParts } from '../../src/app.ts'
import { createKeyEncryption } from '../../src/encryption/sealing.ts'
import { addFirst } from '../../src/keys/rotation.ts'
import { importSigningKey } from '../../src/keys/rsa-keys.ts'

const unused: string[] = []

const newPem = async (): Promise<string> => {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
}

/**
 * Stores a first signing key, unless the stores have one. Call the returned function when the issuer is
 * closed, so that the next issuer can have the key.
 */
export const addSigningKey = async ({ clock, stores, keyEncryptionKeys }: AppParts): Promise<() => void> => {
  const pem = unused.pop() ?? (await newPem())
  const now = clock.now()
  const { encrypt } = createKeyEncryption(keyEncryptionKeys)
  const imported = await importSigningKey(pem, { now, encrypt })
  if (imported.outcome === 'refused') throw new Error(imported.reason)
  await stores.signingKeys.update((keys) => addFirst(keys, imported.key, now).keys)
  return () => void unused.push(pem)
}

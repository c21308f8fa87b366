// The command line may run with a different key-encryption key than the servers. They could not decrypt a key that it
// creates, so signing would stop when that key activates.
import type { KeyEncryption } from '../encryption/sealing.ts'
import type { SigningKey } from '../keys/signing-keys.ts'
import { refused } from './admin-error.ts'

const theirs = 'Run this with theirs (KEY_ENCRYPTION_KEY, or the file in KEYS_DIR)'

export const createKeySealing = (decrypt: KeyEncryption['decrypt']) => {
  const decrypts = (key: SigningKey): boolean => {
    try {
      decrypt(key.kid, key.encryptedPrivateKey).fill(0)
      return true
    } catch {
      return false
    }
  }
  return {
    /** @throws {AdminError} if this process can decrypt none of the published keys */
    checkNew: (published: readonly SigningKey[]): void => {
      if (published.length === 0 || published.some(decrypts)) return
      throw refused(
        'The key-encryption key here opens none of the signing keys, so the running instances could not open a new ' +
          `one. ${theirs}.`,
      )
    },
    /** @throws {AdminError} if this process cannot decrypt the key that is to be replaced */
    checkSuccessorOf: (key: SigningKey): void => {
      if (decrypts(key)) return
      throw refused(
        'The key-encryption key here does not open that key, so the running instances could not open its successor. ' +
          `${theirs}; use --force only if it is lost.`,
      )
    },
  }
}

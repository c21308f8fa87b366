// A command may run apart from the instances that sign, with another key-encryption key than theirs. What it seals under
// that, none of them can open, and when the key's turn comes none of them signs.
import type { KeyEncryption } from '../encryption/sealing.ts'
import type { SigningKey } from '../keys/signing-keys.ts'
import { refused } from './admin-error.ts'

const theirs = 'Run this with theirs (KEY_ENCRYPTION_KEY, or the file in KEYS_DIR)'

export const createKeySealing = (decrypt: KeyEncryption['decrypt']) => {
  const opens = (key: SigningKey): boolean => {
    try {
      decrypt(key.kid, key.encryptedPrivateKey).fill(0)
      return true
    } catch {
      return false
    }
  }
  return {
    /** @throws {AdminError} if none of the keys that are published opens here */
    checkNew: (published: readonly SigningKey[]): void => {
      if (published.length === 0 || published.some(opens)) return
      throw refused(
        'The key-encryption key here opens none of the signing keys, so the running instances could not open a new ' +
          `one. ${theirs}.`,
      )
    },
    /** @throws {AdminError} if the key that is to be replaced does not open here */
    checkSuccessorOf: (key: SigningKey): void => {
      if (opens(key)) return
      throw refused(
        'The key-encryption key here does not open that key, so the running instances could not open its successor. ' +
          `${theirs}; use --force only if it is lost.`,
      )
    },
  }
}

// The command line may run with a different key-encryption key than the servers. They could not decrypt a key
// that it creates, so signing would stop when that key activates.
import type { KeyEncryption } from '../encryption/sealing.ts'
import type { SigningKey } from '../keys/signing-keys.ts'
import { refused } from './admin-error.ts'

const whatToDo =
  'Run it with the key-encryption key of the servers (KEY_ENCRYPTION_KEY, or the file in KEYS_DIR).'

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
        'This command cannot decrypt any of the signing keys, so the servers could not decrypt a key that it ' +
          `creates. ${whatToDo}`,
      )
    },
    /** @throws {AdminError} if this process cannot decrypt the key that is to be replaced */
    checkSuccessorOf: (key: SigningKey): void => {
      if (decrypts(key)) return
      throw refused(
        'This command cannot decrypt the key, so the servers could not decrypt the successor that it creates. ' +
          `${whatToDo} Use --force only if that key-encryption key is lost.`,
      )
    },
  }
}

// Says whether the second of two key-encryption keys is still needed, while the key is being replaced.
import { secondsAfter } from '../clock.ts'
import type { KeyEncryption } from '../encryption/sealing.ts'
import { publishedAt, type SigningKey, stateAt } from '../keys/signing-keys.ts'
import type { Finding } from './finding.ts'

export interface KeyEncryptionFindingsDeps {
  keyEncryption: KeyEncryption
  /** No refresh token lives longer. */
  absoluteTtlSeconds: number
}

const check = 'second key-encryption key'

const stillEncrypts = (keys: readonly SigningKey[], now: Date): Finding => ({
  check,
  status: 'note',
  message: `It is needed for signing keys: ${keys.map((key) => `${key.kid} (${stateAt(key, now)})`).join(', ')}.`,
  advice:
    'If all servers have the new key as the first one, revoke the pending keys among them, run ' +
    '"dojang keys rotate", and wait until the others are removed.',
})

/** Empty with a single key-encryption key. */
export const keyEncryptionFindings = (
  keys: readonly SigningKey[],
  { keyEncryption, absoluteTtlSeconds }: KeyEncryptionFindingsDeps,
  now: Date,
): Finding[] => {
  const { openedByFirst, count } = keyEncryption
  if (count < 2) return []
  const isCurrent = (key: SigningKey) => openedByFirst(key.kid, key.encryptedPrivateKey)
  const others = publishedAt(keys, now).filter((key) => !isCurrent(key))
  if (others.length > 0) return [stillEncrypts(others, now)]
  // The first key has been in use at least since it encrypted a signing key. The refresh tokens of the second
  // key are older.
  const inUseSince = Math.min(...keys.filter(isCurrent).map(({ createdAt }) => createdAt.getTime()))
  const lastExpiry = secondsAfter(new Date(inUseSince), absoluteTtlSeconds)
  if (now < lastExpiry)
    return [
      {
        check,
        status: 'note',
        message: `Refresh tokens may need it until ${lastExpiry.toISOString()}.`,
        advice: 'Keep both keys until then. Otherwise the users of these refresh tokens must sign in again.',
      },
    ]
  return [
    {
      check,
      status: 'note',
      message: 'No signing key and no refresh token needs it.',
      advice:
        'If it is the old key, remove it from all servers. If it is the new key, make it the first one.',
    },
  ]
}

// The in-memory model of signing keys. A change sees the whole set, and no key is ever removed.
import type { SigningKey, SigningKeys } from '../../../src/keys/signing-keys.ts'

export const memorySigningKeys = (): SigningKeys => {
  const kept = new Map<string, SigningKey>()

  const list = () =>
    structuredClone([...kept.values()]).sort(
      (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.kid < b.kid ? -1 : 1),
    )

  return {
    list: async () => list(),
    update: async (change) => {
      for (const key of change(list())) kept.set(key.kid, structuredClone(key))
      return list()
    },
  }
}

// The in-memory model of known verifiers. It keeps the latest sighting of each, up to `maxKnownVerifiers`.
import {
  isGone,
  type KnownVerifier,
  type KnownVerifiers,
  maxKnownVerifiers,
} from '../../../src/keys/known-verifiers.ts'

export const memoryKnownVerifiers = (): KnownVerifiers => {
  const known = new Map<string, KnownVerifier>()
  return {
    record: async (sighting) => {
      for (const [name, verifier] of known) if (isGone(verifier, sighting.seenAt)) known.delete(name)
      const last = known.get(sighting.name)
      if (last === undefined && known.size >= maxKnownVerifiers) return 'full'
      if (last === undefined || last.seenAt <= sighting.seenAt)
        known.set(sighting.name, structuredClone(sighting))
      return 'accepted'
    },
    list: async () => structuredClone([...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1))),
  }
}

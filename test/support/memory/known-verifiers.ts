// The in-memory model of known verifiers. It keeps the latest sighting of each, as long as there is a place.
import {
  isGone,
  isRefused,
  type KnownVerifier,
  type KnownVerifiers,
} from '../../../src/keys/known-verifiers.ts'

export const memoryKnownVerifiers = (): KnownVerifiers => {
  const known = new Map<string, KnownVerifier>()
  return {
    record: async (sighting) => {
      for (const [name, verifier] of known) if (isGone(verifier, sighting.seenAt)) known.delete(name)
      if (isRefused(sighting, [...known.values()])) return 'full'
      const last = known.get(sighting.name)
      if (last === undefined || last.seenAt <= sighting.seenAt)
        known.set(sighting.name, structuredClone(sighting))
      return 'accepted'
    },
    list: async () => structuredClone([...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1))),
  }
}

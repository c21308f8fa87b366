// The in-memory model of the blacklist. Each name has one entry, and a repeated revocation never weakens it.
import type { Blacklist, Revocation } from '../../../src/revocation/blacklist.ts'

const later = (a: Date, b: Date): Date => (a >= b ? a : b)

const stronger = ({ cutoff, ...added }: Revocation, old: Revocation): Revocation => ({
  ...added,
  ...(cutoff && old.cutoff && { cutoff: later(cutoff, old.cutoff) }),
  revokedAt: later(added.revokedAt, old.revokedAt),
  expiresAt: later(added.expiresAt, old.expiresAt),
})

export const memoryBlacklist = (): Blacklist => {
  const entries = new Map<string, Revocation>()
  const nameOf = ({ kind, value }: Pick<Revocation, 'kind' | 'value'>) => `${kind}:${value}`

  return {
    add: async (revocation) => {
      const name = nameOf(revocation)
      const old = entries.get(name)
      entries.set(name, structuredClone(old ? stronger(revocation, old) : revocation))
    },
    find: async (names, now) =>
      names.flatMap((name) => {
        const entry = entries.get(nameOf(name))
        return entry && now < entry.expiresAt ? [structuredClone(entry)] : []
      }),
    list: async (now, since) =>
      structuredClone(
        [...entries.values()].filter(
          ({ expiresAt, revokedAt }) => now < expiresAt && (since === undefined || since <= revokedAt),
        ),
      ).sort((a, b) => a.revokedAt.getTime() - b.revokedAt.getTime()),
  }
}

// The entries of the revocation feed in memory. feed-reader.ts reads them from the blacklist, and feed.ts
// signs them.
import { createHash } from 'node:crypto'
import { epochSeconds } from '../clock.ts'
import { type Revocation, type RevocationKind, revocationKinds } from './blacklist.ts'

/** The published form. Both times are in seconds since 1970. */
interface FeedEntry {
  exp: number
  cutoff?: number
}

export type FeedLists = Record<RevocationKind, Record<string, FeedEntry>>

export interface FeedEntries {
  /** Adds what the store listed. True if an entry is new or changed. */
  merge(listed: readonly Revocation[], now: Date): boolean
  forgetExpired(now: Date): void
  /** All entries, or those that this instance read at `since` or later. */
  lists(since?: Date): FeedLists
}

/**
 * The feed is public, so names are hashed: only a holder of the token recognises its entry. 128 bits of
 * SHA-256. A `kid` is not hashed, because the JWKS publishes it anyway.
 */
export const publishedName = (kind: RevocationKind, value: string): string =>
  kind === 'kid'
    ? value
    : createHash('sha256').update(`${kind}:${value}`).digest().subarray(0, 16).toString('base64url')

interface KnownEntry {
  kind: RevocationKind
  name: string
  entry: FeedEntry
  readAt: Date
}

export const createFeedEntries = (): FeedEntries => {
  const known = new Map<string, KnownEntry>()

  return {
    merge: (listed, now) => {
      let changed = false
      for (const { kind, value, cutoff, expiresAt } of listed) {
        // Rounded up, because an entry must not expire before its tokens.
        const exp = Math.ceil(expiresAt.getTime() / 1000)
        const entry = { exp, ...(cutoff && { cutoff: epochSeconds(cutoff) }) }
        const key = `${kind}:${value}`
        const old = known.get(key)
        if (old?.entry.exp === entry.exp && old.entry.cutoff === entry.cutoff) continue
        known.set(key, { kind, name: old?.name ?? publishedName(kind, value), entry, readAt: now })
        changed = true
      }
      return changed
    },
    forgetExpired: (now) => {
      for (const [key, { entry }] of known) if (entry.exp <= epochSeconds(now)) known.delete(key)
    },
    lists: (since) => {
      const lists = Object.fromEntries(revocationKinds.map((kind) => [kind, {}])) as FeedLists
      for (const { kind, name, entry, readAt } of known.values())
        if (since === undefined || readAt >= since) lists[kind][name] = entry
      return lists
    },
  }
}

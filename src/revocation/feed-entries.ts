// What the feed knows of the blacklist, in memory: merged from what the store lists, cut into deltas. Pure; the reading and
// signing are feed.ts.
import { createHash } from 'node:crypto'
import { epochSeconds } from '../clock.ts'
import { type Revocation, type RevocationKind, revocationKinds } from './blacklist.ts'

/** As it is published: until when it counts, and up to which `iat`, in seconds since 1970. */
interface FeedEntry {
  exp: number
  cutoff?: number
}

export type FeedLists = Record<RevocationKind, Record<string, FeedEntry>>

export interface FeedEntries {
  /** Takes in what a store listed. Whether anything was news. */
  merge(listed: readonly Revocation[], now: Date): boolean
  forgetExpired(now: Date): void
  /** Everything, or what this instance has learned at that moment or later. */
  lists(since?: Date): FeedLists
}

/**
 * The feed is public: it must tell whoever holds a token that it is dead, and nobody else whose. A `kid` is public
 * anyhow. 128 bits of SHA-256 over kind and name.
 */
export const publishedName = (kind: RevocationKind, value: string): string =>
  kind === 'kid'
    ? value
    : createHash('sha256').update(`${kind}:${value}`).digest().subarray(0, 16).toString('base64url')

interface Known {
  kind: RevocationKind
  name: string
  entry: FeedEntry
  learnedAt: Date
}

export const createFeedEntries = (): FeedEntries => {
  const known = new Map<string, Known>()

  return {
    merge: (listed, now) => {
      let news = false
      for (const { kind, value, cutoff, expiresAt } of listed) {
        // Rounded up: an entry may outlast its tokens, never the reverse.
        const exp = Math.ceil(expiresAt.getTime() / 1000)
        const entry = { exp, ...(cutoff && { cutoff: epochSeconds(cutoff) }) }
        const key = `${kind}:${value}`
        const old = known.get(key)
        if (old?.entry.exp === entry.exp && old.entry.cutoff === entry.cutoff) continue
        known.set(key, { kind, name: old?.name ?? publishedName(kind, value), entry, learnedAt: now })
        news = true
      }
      return news
    },
    forgetExpired: (now) => {
      for (const [key, { entry }] of known) if (entry.exp <= epochSeconds(now)) known.delete(key)
    },
    lists: (since) => {
      const lists = Object.fromEntries(revocationKinds.map((kind) => [kind, {}])) as FeedLists
      for (const { kind, name, entry, learnedAt } of known.values())
        if (since === undefined || learnedAt >= since) lists[kind][name] = entry
      return lists
    },
  }
}

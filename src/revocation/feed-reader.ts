// Reads the blacklist for the revocation feed and keeps its entries in memory.
// It reads the whole blacklist about once a minute, and only the changes in between.
import { type Clock, secondsAfter } from '../clock.ts'
import { withTimeout } from '../with-timeout.ts'
import type { Blacklist } from './blacklist.ts'
import { createFeedEntries, type FeedLists } from './feed-entries.ts'

export interface FeedReader {
  /** Reads the changes now. Concurrent calls share one read. @throws {Unavailable} */
  refresh(): Promise<void>
  /** Reads the changes if memory is too old. Waits at most `limitMs`, and ignores failures. */
  catchUp(): Promise<void>
  /** The time of the last successful read, or undefined before the first one. */
  asOf(): Date | undefined
  /** Grows with each read that finds a new or changed entry. */
  revision(): number
  /** All entries, or those that were read at `since` or later. */
  lists(since?: Date): FeedLists
}

export const createFeedReader = (deps: {
  clock: Clock
  blacklist: Blacklist
  /** Memory is fresh for this long. */
  memorySeconds: number
  /** Each read repeats this much of the last one. */
  overlapSeconds: number
  /** A read after this time lists the whole blacklist again. */
  readAllSeconds: number
  /** How long `catchUp` waits for the store. */
  limitMs: number
}): FeedReader => {
  const { clock, blacklist } = deps
  const entries = createFeedEntries()
  let revision = 0
  let asOf: Date | undefined
  let readAllAt: Date | undefined
  let triedAt: Date | undefined
  let reading: Promise<void> | undefined
  let isSlow = false

  const read = async () => {
    const now = clock.now()
    triedAt = now
    const onlyChanges = asOf && readAllAt && now < secondsAfter(readAllAt, deps.readAllSeconds)
    const since = onlyChanges ? secondsAfter(asOf ?? now, -deps.overlapSeconds) : undefined
    const listed = await blacklist.list(now, since)
    if (entries.merge(listed, now)) revision += 1
    entries.forgetExpired(now)
    asOf = now
    if (since === undefined) readAllAt = now
  }

  const refresh = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined
      isSlow = false
    })
    return reading
  }

  return {
    refresh,
    catchUp: async () => {
      const isFresh = triedAt && clock.now() < secondsAfter(triedAt, deps.memorySeconds)
      // While a slow read runs, requests are served from memory at once.
      if (isSlow || (isFresh && reading === undefined)) return
      const done = refresh().catch(() => undefined)
      if ((await withTimeout(done, deps.limitMs)) === 'late' && reading) isSlow = true
    },
    asOf: () => asOf,
    revision: () => revision,
    lists: entries.lists,
  }
}

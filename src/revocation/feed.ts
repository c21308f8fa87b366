// The revocation feed: the blacklist as a signed document that services pull, so that they feel a logout without asking.
// Owns what the document says and how old it may be; its format is docs/revocation-feed.md, its address is in oauth/.

import { setTimeout } from 'node:timers/promises'
import { type Clock, epochSeconds, fromEpochSeconds, secondsAfter } from '../clock.ts'
import type { Kid } from '../ids.ts'
import { randomToken } from '../secrets.ts'
import { Unavailable } from '../unavailable.ts'
import type { Blacklist } from './blacklist.ts'
import { createFeedEntries } from './feed-entries.ts'

/** The `typ` header that tells it from every other JWT of this issuer. */
export const revocationFeedType = 'revocations+jwt'

export const feedTimes = {
  /** Memory older than this is read again before an answer; with the HTTP cache's second a verifier reckons with two. */
  memorySeconds: 1,
  /** Within how many seconds a revocation should be felt: `ttl` in the document. */
  ttlSeconds: 5,
  /** An unchanged document is signed anew once the store was read this much later, so that its age stays honest. */
  renewSeconds: 15,
  /** How long a signed document may be shown. */
  documentSeconds: 300,
  /** Clocks of instances, and writes that were under way, may be this far apart. */
  overlapSeconds: 60,
  /** Everything is read again this often, whatever the clocks say. */
  readAllSeconds: 60,
  /** Older cursors get everything. */
  deltaSeconds: 600,
  /** Cursors are rounded down to this, so that strangers cannot ask for many different documents. */
  stepSeconds: 10,
} as const

/** How long a request waits for a store that does not answer before it is served from memory. */
const patienceMs = 300

export interface FeedDocument {
  body: string
  /** Names the state of the feed, not the address: who has seen it through any cursor has missed nothing. */
  etag: string
}

export interface RevocationFeed {
  /** Reads from the store what changed. @throws {Unavailable} */
  refresh(): Promise<void>
  /**
   * Everything, or what changed since the document that gave this cursor. A cursor that means nothing gets everything.
   * @throws {Unavailable} if the store has never answered: an empty list would be a lie
   */
  document(cursor?: string): Promise<FeedDocument>
  /** Since the store last answered. */
  ageSeconds(): number | undefined
}

/** Documents of one state, each signed once. */
interface Edition {
  etag: string
  kid: Kid
  asOf: Date
  signedAt: Date
  documents: Map<string, Promise<string>>
}

export const createRevocationFeed = (deps: {
  clock: Clock
  blacklist: Blacklist
  issuer: string
  sign(typ: string, claims: Record<string, unknown>): Promise<string>
  /** Of the key that signs now: a key that was killed must not speak for longer. */
  signingKid(): string
}): RevocationFeed => {
  const { clock, blacklist } = deps
  const entries = createFeedEntries()
  // Another instance, or this one after a restart, must not be taken for this state.
  const instance = randomToken(6)
  let editions = 0
  let edition: Edition | undefined
  let asOf: Date | undefined
  let readAllAt: Date | undefined
  let triedAt: Date | undefined
  let reading: Promise<void> | undefined
  let isSlow = false

  const read = async () => {
    const now = clock.now()
    triedAt = now
    const onlyNews = asOf && readAllAt && now < secondsAfter(readAllAt, feedTimes.readAllSeconds)
    const since = onlyNews ? secondsAfter(asOf ?? now, -feedTimes.overlapSeconds) : undefined
    const listed = await blacklist.list(now, since)
    if (entries.merge(listed, now)) edition = undefined
    entries.forgetExpired(now)
    asOf = now
    if (since === undefined) readAllAt = now
  }

  /** One at a time; who comes meanwhile waits for the same answer. */
  const refresh = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined
      isSlow = false
    })
    return reading
  }

  const catchUp = async () => {
    const isFresh = triedAt && clock.now() < secondsAfter(triedAt, feedTimes.memorySeconds)
    if (isSlow || (isFresh && reading === undefined)) return
    const done = refresh().catch(() => undefined)
    const waited = setTimeout(patienceMs, 'too long', { ref: false })
    if ((await Promise.race([done, waited])) === 'too long' && reading) isSlow = true
  }

  const currentEdition = (read: Date): Edition => {
    const now = clock.now()
    const kid = deps.signingKid()
    const isCurrent =
      edition !== undefined &&
      edition.kid === kid &&
      now < secondsAfter(edition.signedAt, feedTimes.documentSeconds / 2) &&
      read < secondsAfter(edition.asOf, feedTimes.renewSeconds)
    if (edition !== undefined && isCurrent) return edition
    editions += 1
    const etag = `"${instance}.${editions}"`
    edition = { etag, kid, asOf: read, signedAt: now, documents: new Map() }
    return edition
  }

  /** From which moment on a cursor needs to be told, or undefined for everything. */
  const startOf = (cursor: string | undefined): number | undefined => {
    if (cursor === undefined || !/^\d{1,12}$/.test(cursor)) return undefined
    const now = epochSeconds(clock.now())
    const seconds = Number(cursor)
    if (seconds > now + feedTimes.overlapSeconds || seconds < now - feedTimes.deltaSeconds) return undefined
    const start = seconds - feedTimes.overlapSeconds
    return start - (start % feedTimes.stepSeconds)
  }

  const sign = ({ asOf, signedAt }: Edition, start: number | undefined): Promise<string> => {
    const iat = epochSeconds(signedAt)
    return deps.sign(revocationFeedType, {
      iss: deps.issuer,
      iat,
      exp: iat + feedTimes.documentSeconds,
      ttl: feedTimes.ttlSeconds,
      as_of: epochSeconds(asOf),
      cursor: String(epochSeconds(asOf)),
      full: start === undefined,
      revoked: entries.lists(start === undefined ? undefined : fromEpochSeconds(start)),
    })
  }

  return {
    refresh,
    document: async (cursor) => {
      await catchUp()
      if (asOf === undefined) throw new Unavailable('the list of revocations')
      const current = currentEdition(asOf)
      const start = startOf(cursor)
      const name = String(start ?? 'full')
      const { documents, etag } = current
      const signed = documents.get(name) ?? sign(current, start)
      documents.set(name, signed)
      signed.catch(() => documents.delete(name))
      return { body: await signed, etag }
    },
    ageSeconds: () => asOf && (clock.now().getTime() - asOf.getTime()) / 1000,
  }
}

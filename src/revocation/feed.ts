// The revocation feed: the blacklist as a signed document. Services read it to learn of logouts within
// seconds. Owns the content and the age of the document. docs/revocation-feed.md defines its format.

import { type Clock, epochSeconds, fromEpochSeconds, secondsAfter } from '../clock.ts'
import type { Kid } from '../ids.ts'
import { randomToken } from '../secrets.ts'
import { Unavailable } from '../unavailable.ts'
import type { Blacklist } from './blacklist.ts'
import { createFeedReader } from './feed-reader.ts'

/** The `typ` header. It separates the feed from all other JWTs of this issuer. */
export const revocationFeedType = 'revocations+jwt'

export const feedTimes = {
  /** Memory older than this is refreshed before an answer. HTTP caches may add one more second. */
  memorySeconds: 1,
  /** The `ttl` member: verifiers should apply a revocation within this time. */
  ttlSeconds: 5,
  /** The document is signed again if the last read is this much newer, so that `as_of` stays current. */
  renewSeconds: 15,
  /** A document is valid for this long after its signature. */
  documentSeconds: 300,
  /** The allowance for different clocks of instances and for writes in progress. */
  overlapSeconds: 60,
  /** The whole blacklist is read again after this time, so that a wrong clock hides no entry for longer. */
  readAllSeconds: 60,
  /** A cursor older than this gets all entries. */
  deltaSeconds: 600,
} as const

/** A cursor gets the changes of the shortest of these times that covers it, so there are few documents. */
const deltaWindows = [20, 120, feedTimes.deltaSeconds] as const

/** How long a request waits for a slow store before memory answers it. */
const storeLimitMs = 300

export interface FeedDocument {
  body: string
  /** Names the state of the feed. It is the same for all cursors. */
  etag: string
}

export interface RevocationFeed {
  /** Reads the changes from the store. @throws {Unavailable} */
  refresh(): Promise<void>
  /**
   * All entries, or the changes since the document with this cursor. An invalid cursor gets all entries.
   * @throws {Unavailable} if the store was never read, because an empty list would hide revocations
   */
  document(cursor?: string): Promise<FeedDocument>
  /** The time since the last successful read. Undefined before the first one. */
  ageSeconds(): number | undefined
}

/** The documents of one state of the feed. Each cursor's document is signed once. */
interface Edition {
  etag: string
  kid: Kid
  revision: number
  asOf: Date
  signedAt: Date
  documents: Map<string, Promise<string>>
}

/** The window of changes before `asOf` that a cursor needs. Undefined: it needs all entries. */
const windowOf = (cursor: string | undefined, asOf: Date): number | undefined => {
  // Without a cursor that is a number, the age is NaN, which is in no window.
  const age = epochSeconds(asOf) - Number(cursor)
  // A cursor of the future comes from an instance whose clock is wrong.
  return age < -feedTimes.overlapSeconds ? undefined : deltaWindows.find((seconds) => age <= seconds)
}

export const createRevocationFeed = (deps: {
  clock: Clock
  blacklist: Blacklist
  issuer: string
  sign(typ: string, claims: Record<string, unknown>): Promise<string>
  /** The `kid` of the current key. A document that a revoked key signed is not served again. */
  signingKid(): string
}): RevocationFeed => {
  const { clock, blacklist } = deps
  const reader = createFeedReader({ clock, blacklist, ...feedTimes, limitMs: storeLimitMs })
  // Makes ETags differ between instances and between restarts.
  const instance = randomToken(6)
  let editions = 0
  let edition: Edition | undefined

  const currentEdition = (asOf: Date): Edition => {
    const now = clock.now()
    const kid = deps.signingKid()
    const revision = reader.revision()
    const last = edition
    const isCurrent =
      last !== undefined &&
      last.kid === kid &&
      last.revision === revision &&
      now < secondsAfter(last.signedAt, feedTimes.documentSeconds / 2) &&
      asOf < secondsAfter(last.asOf, feedTimes.renewSeconds)
    if (isCurrent) return last
    editions += 1
    const etag = `"${instance}.${editions}"`
    edition = { etag, kid, revision, asOf, signedAt: now, documents: new Map() }
    return edition
  }

  const sign = ({ asOf, signedAt }: Edition, window: number | undefined): Promise<string> => {
    const iat = epochSeconds(signedAt)
    const since =
      window === undefined
        ? undefined
        : fromEpochSeconds(epochSeconds(asOf) - window - feedTimes.overlapSeconds)
    return deps.sign(revocationFeedType, {
      iss: deps.issuer,
      iat,
      exp: iat + feedTimes.documentSeconds,
      ttl: feedTimes.ttlSeconds,
      as_of: epochSeconds(asOf),
      cursor: String(epochSeconds(asOf)),
      full: since === undefined,
      revoked: reader.lists(since),
    })
  }

  return {
    refresh: reader.refresh,
    document: async (cursor) => {
      await reader.catchUp()
      const asOf = reader.asOf()
      if (asOf === undefined) throw new Unavailable('the revocation feed')
      const current = currentEdition(asOf)
      const window = windowOf(cursor, current.asOf)
      const name = String(window ?? 'full')
      const { documents, etag } = current
      const signed = documents.get(name) ?? sign(current, window)
      documents.set(name, signed)
      // A failed signature is not kept, so that the next request tries again.
      signed.catch(() => documents.delete(name))
      return { body: await signed, etag }
    },
    ageSeconds: () => {
      const asOf = reader.asOf()
      return asOf && (clock.now().getTime() - asOf.getTime()) / 1000
    },
  }
}

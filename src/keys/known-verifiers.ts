// Services that send their name when they fetch the JWKS, and the keys that each of them saw last. A name is
// not authenticated, so it can only delay an activation without --force.

import { type Clock, secondsAfter } from '../clock.ts'
import type { Kid } from '../ids.ts'

export interface KnownVerifier {
  /** The name that the service sends. All copies of a service share one name, and the last fetch counts. */
  name: string
  /** The keys in the JWKS that it received. */
  kids: readonly string[]
  seenAt: Date
}

export interface KnownVerifiers {
  /**
   * Keeps the latest sighting of each name for a day. A known name is always accepted. A new name is accepted
   * while there are fewer than `maxKnownVerifiers`.
   */
  record(sighting: KnownVerifier): Promise<'accepted' | 'full'>
  /** Sorted by name. */
  list(): Promise<KnownVerifier[]>
}

export const maxKnownVerifiers = 100

/** Seconds after its last fetch until a verifier is forgotten. */
export const knownForSeconds = 86_400

/** Seconds between two writes for one name, if it received the same keys. */
const writeIntervalSeconds = 60

export const isVerifierName = (name: unknown): name is string =>
  typeof name === 'string' && /^[\w.-]{1,64}$/.test(name)

export const isGone = ({ seenAt }: KnownVerifier, now: Date): boolean =>
  seenAt <= secondsAfter(now, -knownForSeconds)

/** The verifiers that have not fetched key `kid` yet. They may reject tokens that this key signs. */
export const unawareOf = (kid: Kid, known: readonly KnownVerifier[], now: Date): KnownVerifier[] =>
  known.filter((verifier) => !isGone(verifier, now) && !verifier.kids.includes(kid))

export interface VerifierSightings {
  /** Writes in the background. It ignores an invalid name, and a sighting is lost if the store is down. */
  record(name: unknown, kids: readonly string[]): void
  /** Resolves when each sighting so far is written or lost. */
  recorded(): Promise<void>
}

export const createVerifierSightings = ({
  clock,
  knownVerifiers,
}: {
  clock: Clock
  knownVerifiers: KnownVerifiers
}): VerifierSightings => {
  // The writes of the last minute, to limit the load on the store: one write per name, at most 100 names.
  const recent = new Map<string, { kids: string; at: Date }>()
  let writing: Promise<unknown> = Promise.resolve()

  const isDue = (name: string, kids: string, now: Date): boolean => {
    for (const [each, { at }] of recent)
      if (at <= secondsAfter(now, -writeIntervalSeconds)) recent.delete(each)
    const last = recent.get(name)
    return last === undefined ? recent.size < maxKnownVerifiers : last.kids !== kids
  }

  return {
    record: (name, kids) => {
      const now = clock.now()
      if (!isVerifierName(name) || !isDue(name, kids.join(), now)) return
      recent.set(name, { kids: kids.join(), at: now })
      writing = Promise.allSettled([
        writing,
        knownVerifiers.record({ name, kids, seenAt: now }).catch(() => recent.delete(name)),
      ])
    },
    recorded: async () => void (await writing),
  }
}

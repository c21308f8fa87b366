// Which services say that they fetch our keys, and which keys they were shown last, so that a rotation can wait for them.
// A courtesy and no proof: anybody may say any name, so it delays an activation without --force and decides nothing else.

import { type Clock, secondsAfter } from '../clock.ts'
import type { Kid } from '../ids.ts'

export interface KnownVerifier {
  /** What it calls itself. Copies of a service share a name; the one that fetched last speaks for them. */
  name: string
  /** The keys of the set that it was shown. */
  kids: readonly string[]
  seenAt: Date
}

export interface KnownVerifiers {
  /**
   * Remembers the latest sighting of each name, for a day, and of `maxKnownVerifiers` at most: those who are known keep
   * their places, a stranger gets one if it is free.
   */
  saw(sighting: KnownVerifier): Promise<'accepted' | 'full'>
  /** By name. */
  list(): Promise<KnownVerifier[]>
}

export const maxKnownVerifiers = 100

/** Who has not fetched for this long is gone. */
export const knownForSeconds = 86_400

/** A name that is seen again with the same keys is not worth a write more often than this. */
const writeSeconds = 60

export const isVerifierName = (name: unknown): name is string =>
  typeof name === 'string' && /^[\w.-]{1,64}$/.test(name)

export const isGone = ({ seenAt }: KnownVerifier, now: Date): boolean =>
  seenAt <= secondsAfter(now, -knownForSeconds)

/** Those who would refuse tokens that this key signs, as far as we know. */
export const unawareOf = (kid: Kid, known: readonly KnownVerifier[], now: Date): KnownVerifier[] =>
  known.filter((verifier) => !isGone(verifier, now) && !verifier.kids.includes(kid))

export interface VerifierSightings {
  /** Takes note in the background; a store that is down loses the note and nothing else. */
  note(name: unknown, kids: readonly string[]): void
  /** When what was noted so far is written or lost. */
  settled(): Promise<void>
}

export const createVerifierSightings = ({
  clock,
  knownVerifiers,
}: {
  clock: Clock
  knownVerifiers: KnownVerifiers
}): VerifierSightings => {
  // What was written a moment ago: a name costs a write a minute, and strangers no more than a hundred.
  const recent = new Map<string, { kids: string; at: Date }>()
  let writing: Promise<unknown> = Promise.resolve()

  const isDue = (name: string, kids: string, now: Date): boolean => {
    for (const [each, { at }] of recent) if (at <= secondsAfter(now, -writeSeconds)) recent.delete(each)
    const last = recent.get(name)
    return last === undefined ? recent.size < maxKnownVerifiers : last.kids !== kids
  }

  return {
    note: (name, kids) => {
      const now = clock.now()
      if (!isVerifierName(name) || !isDue(name, kids.join(), now)) return
      recent.set(name, { kids: kids.join(), at: now })
      writing = Promise.allSettled([
        writing,
        knownVerifiers.saw({ name, kids, seenAt: now }).catch(() => recent.delete(name)),
      ])
    },
    settled: async () => void (await writing),
  }
}

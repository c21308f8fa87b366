// Services that send their name when they fetch the JWKS, and the keys that each of them saw last. A name is
// not authenticated, so it can only delay an activation without --force. A full list delays it too.

import { type Clock, secondsAfter } from '../clock.ts'
import type { Kid } from '../ids.ts'

export interface KnownVerifier {
  /** The name that the service sends. All copies of a service share one name, and the last fetch counts. */
  name: string
  /** The keys in the JWKS that it received. */
  kids: readonly string[]
  /** The network of its last fetch. */
  network: string
  seenAt: Date
}

export interface KnownVerifiers {
  /**
   * Keeps the latest sighting of each name for a day. A known name is always accepted. A new name is accepted
   * while there are fewer than `maxKnownVerifiers`, and fewer than `maxVerifiersOfNetwork` of its network.
   */
  record(sighting: KnownVerifier): Promise<'accepted' | 'full'>
  /** Sorted by name. */
  list(): Promise<KnownVerifier[]>
}

export const maxKnownVerifiers = 100

/** One network must not fill the list with invented names. */
export const maxVerifiersOfNetwork = 50

/** Seconds after its last fetch until a verifier is forgotten. */
export const knownForSeconds = 86_400

/** Seconds between two writes for one name, if it received the same keys. */
const writeIntervalSeconds = 60

export const isVerifierName = (name: unknown): name is string =>
  typeof name === 'string' && /^[\w.-]{1,64}$/.test(name)

export const isGone = ({ seenAt }: KnownVerifier, now: Date): boolean =>
  seenAt <= secondsAfter(now, -knownForSeconds)

const isFullFor = (network: string, known: readonly Pick<KnownVerifier, 'network'>[]): boolean =>
  known.length >= maxKnownVerifiers ||
  known.filter((each) => each.network === network).length >= maxVerifiersOfNetwork

/** True if a new name of this network has no place beside the names that are known. */
export const isRefused = (
  { name, network }: Pick<KnownVerifier, 'name' | 'network'>,
  known: readonly Pick<KnownVerifier, 'name' | 'network'>[],
): boolean => !known.some((each) => each.name === name) && isFullFor(network, known)

/** True if a name may have been refused within the last day, so that a service may be missing. */
export const mayBeIncomplete = (known: readonly KnownVerifier[], now: Date): boolean => {
  const present = known.filter((verifier) => !isGone(verifier, now))
  return present.some(({ network }) => isFullFor(network, present))
}

/** The verifiers that have not fetched key `kid` yet. They may reject tokens that this key signs. */
export const unawareOf = (kid: Kid, known: readonly KnownVerifier[], now: Date): KnownVerifier[] =>
  known.filter((verifier) => !isGone(verifier, now) && !verifier.kids.includes(kid))

/** New names that one process writes in a minute: from all networks, and from one. */
const newcomersPerMinute = { all: 600, network: maxVerifiersOfNetwork } as const

export interface VerifierSightings {
  /** Writes in the background. It ignores an invalid name, and a sighting is lost if the store is down. */
  record(name: unknown, kids: readonly string[], network: string): void
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
  /** The last write of each name that the store accepted or has not answered yet. */
  const written = new Map<string, { kids: string; at: Date }>()
  let newcomers = { since: clock.now(), all: 0, networks: new Map<string, number>() }
  let writing: Promise<unknown> = Promise.resolve()

  const forgetOld = (now: Date) => {
    for (const [name, { at }] of written) if (at <= secondsAfter(now, -knownForSeconds)) written.delete(name)
    if (newcomers.since <= secondsAfter(now, -writeIntervalSeconds))
      newcomers = { since: now, all: 0, networks: new Map() }
  }

  /** Limits the load on the store. A flood of new names does not delay a name that is known. */
  const mayTryNew = (network: string): boolean => {
    const ofNetwork = newcomers.networks.get(network) ?? 0
    if (newcomers.all >= newcomersPerMinute.all || ofNetwork >= newcomersPerMinute.network) return false
    newcomers.all += 1
    newcomers.networks.set(network, ofNetwork + 1)
    return true
  }

  const isDue = (name: string, kids: string, network: string, now: Date): boolean => {
    const last = written.get(name)
    if (last === undefined) return mayTryNew(network)
    return last.kids !== kids || last.at <= secondsAfter(now, -writeIntervalSeconds)
  }

  return {
    record: (name, kids, network) => {
      const now = clock.now()
      forgetOld(now)
      if (!isVerifierName(name) || !isDue(name, kids.join(), network, now)) return
      written.set(name, { kids: kids.join(), at: now })
      const outcome = knownVerifiers.record({ name, kids, network, seenAt: now }).catch(() => 'lost' as const)
      writing = Promise.all([writing, outcome.then((done) => done === 'accepted' || written.delete(name))])
    },
    recorded: async () => void (await writing),
  }
}

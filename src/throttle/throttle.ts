// Limits how often something may happen. A budget allows `burst` uses at once, and gets one use back after
// each `refillSeconds` (a leaky bucket). It decays with time, so old uses never add up.
import { secondsAfter } from '../clock.ts'
import type { UserId } from '../ids.ts'

export interface Rate {
  /** The number of uses at once. */
  burst: number
  /** One use comes back after this time. */
  refillSeconds: number
}

export interface Budget extends Rate {
  /** Names what is counted, for example `network:192.0.2.1`. */
  key: string
}

/** A network from which the user may have signed in before. */
export interface UserNetwork {
  userId: UserId
  /** A hash that names the network. */
  network: string
}

export interface Use {
  budgets: readonly Budget[]
  /** If the user signed in from this network before, its budgets are used instead. */
  knownNetwork?: UserNetwork & { budgets: readonly Budget[] }
  /** Refuses a use that needs a new record while this number of records exists. Not for known networks. */
  maxRecords?: number
}

export type Taken =
  | { outcome: 'taken'; budgets: readonly Budget[]; fromKnownNetwork: boolean }
  /** `spent` is the first budget without a use left. It is absent if there are too many records. */
  | { outcome: 'refused'; spent?: Budget; retryAt: Date }

export interface Settlement {
  /** One use of each comes back, because the use was not a guess. */
  giveBack?: readonly Budget[]
  /** These budgets are full again. */
  reset?: readonly Budget[]
  /** Remembers the network until this time, and forgets the user's oldest networks above the limit. */
  remember?: UserNetwork & { until: Date }
}

export interface Throttle {
  /**
   * Takes one use from every budget, or from none of them. A refused use writes nothing. Exactly `burst` of
   * 100 concurrent calls are taken.
   */
  take(use: Use, now: Date): Promise<Taken>
  settle(settlement: Settlement, now: Date): Promise<void>
}

/** Limits the memory for strangers: about 40 MB in Redis. */
export const maxBudgetRecords = 250_000

/** After this time a use is tried again that was refused because there are too many records. */
const fullRetrySeconds = 60

export const maxNetworksPerUser = 8

/** Stores keep one time for each budget: when all its uses are back. A missing time means now. */
export type FullTimes = ReadonlyMap<string, Date>

/** The time at which all uses are back, after one more use. */
export const fullAfter = ({ refillSeconds }: Rate, fullAt: Date | undefined, now: Date): Date =>
  new Date(Math.max(fullAt?.getTime() ?? 0, now.getTime()) + refillSeconds * 1000)

/**
 * Why one use of these budgets is refused, or undefined if each has a use left. The SQL store calls it. The
 * Redis script implements the same rule, and the contract tests run against both.
 */
export const refusalOf = (
  budgets: readonly Budget[],
  stored: FullTimes,
  now: Date,
): { spent: Budget; retryAt: Date } | undefined => {
  const waits = budgets.map((budget) => ({
    spent: budget,
    retryAt: secondsAfter(
      fullAfter(budget, stored.get(budget.key), now),
      -budget.burst * budget.refillSeconds,
    ),
  }))
  const first = waits.find(({ retryAt }) => now < retryAt)
  if (first === undefined) return undefined
  // Before the last of them has a use again, a retry would be refused too.
  return { spent: first.spent, retryAt: new Date(Math.max(...waits.map(({ retryAt }) => retryAt.getTime()))) }
}

/** The answer to a use that needs a new record, while there are too many. */
export const tooManyRecords = (now: Date): Taken => ({
  outcome: 'refused',
  retryAt: secondsAfter(now, fullRetrySeconds),
})

/** The value of `Retry-After`: whole seconds until the next use, at least 1 (RFC 9110 §10.2.3). */
export const retryAfterSeconds = ({ retryAt }: { retryAt: Date }, now: Date): number =>
  Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 1000))

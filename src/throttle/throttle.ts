// Limits how often something may happen. A budget allows `burst` uses at once, and gets one use back after
// each `refillSeconds` (a leaky bucket). It decays with time, so old uses never add up.
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

const fullAfter = ({ refillSeconds }: Rate, fullAt: Date | undefined, now: Date): number =>
  Math.max(fullAt?.getTime() ?? 0, now.getTime()) + refillSeconds * 1000

/**
 * Decides one use. `next` has the new times, and is absent if the use is refused. The SQL store calls it. The
 * Redis script implements the same rule, and the contract tests run against both.
 */
export const decideUse = (
  budgets: readonly Budget[],
  stored: FullTimes,
  now: Date,
): { refused: { spent: Budget; retryAt: Date } } | { next: FullTimes } => {
  const waits = budgets.map((budget) => {
    const retryAt =
      fullAfter(budget, stored.get(budget.key), now) - budget.burst * budget.refillSeconds * 1000
    return { spent: budget, retryAt: new Date(retryAt) }
  })
  const [spent] = waits.filter(({ retryAt }) => now < retryAt)
  if (spent !== undefined) {
    // Before the last of them has a use again, a retry would be refused too.
    const retryAt = new Date(Math.max(...waits.map((wait) => wait.retryAt.getTime())))
    return { refused: { spent: spent.spent, retryAt } }
  }
  return {
    next: new Map(
      budgets.map((budget) => [budget.key, new Date(fullAfter(budget, stored.get(budget.key), now))]),
    ),
  }
}

/** The answer to a use that needs a new record, while there are too many. */
export const tooManyRecords = (now: Date): Taken => ({
  outcome: 'refused',
  retryAt: new Date(now.getTime() + fullRetrySeconds * 1000),
})

/** The time after one use came back. A time that is not after now means a full budget. */
export const fullAtWithout = ({ refillSeconds }: Rate, fullAt: Date): Date =>
  new Date(fullAt.getTime() - refillSeconds * 1000)

/** The value of `Retry-After`: whole seconds until the next use, at least 1 (RFC 9110 §10.2.3). */
export const retryAfterSeconds = ({ retryAt }: { retryAt: Date }, now: Date): number =>
  Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 1000))

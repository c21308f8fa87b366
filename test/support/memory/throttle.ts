// The in-memory model of the throttle: one time per budget. src/throttle/throttle.ts has the rule.
import { secondsAfter } from '../../../src/clock.ts'
import {
  fullAfter,
  maxNetworksPerUser,
  refusalOf,
  type Throttle,
  tooManyRecords,
} from '../../../src/throttle/throttle.ts'

export const memoryThrottle = (times = new Map<string, Date>()): Throttle => {
  const networks = new Map<string, Map<string, Date>>()
  let tidyAt = 1000

  const tidy = (now: Date) => {
    for (const [key, fullAt] of times) if (fullAt <= now) times.delete(key)
    tidyAt = Math.max(1000, 2 * times.size)
  }

  return {
    take: async ({ budgets: strangers, knownNetwork, maxRecords = Number.POSITIVE_INFINITY }, now) => {
      const end = knownNetwork && networks.get(knownNetwork.userId)?.get(knownNetwork.network)
      const fromKnownNetwork = end !== undefined && now < end
      const budgets = fromKnownNetwork && knownNetwork ? knownNetwork.budgets : strangers
      const refusal = refusalOf(budgets, times, now)
      if (refusal) return { outcome: 'refused', ...refusal }
      const added = budgets.filter(({ key }) => !times.has(key)).length
      if (!fromKnownNetwork && added > 0 && times.size + added > maxRecords) {
        tidy(now)
        if (times.size + added > maxRecords) return tooManyRecords(now)
      }
      for (const budget of budgets) times.set(budget.key, fullAfter(budget, times.get(budget.key), now))
      if (times.size > tidyAt) tidy(now)
      return { outcome: 'taken', budgets, fromKnownNetwork }
    },
    settle: async ({ giveBack = [], reset = [], remember }, now) => {
      for (const { key } of reset) times.delete(key)
      for (const budget of giveBack) {
        const left = secondsAfter(times.get(budget.key) ?? now, -budget.refillSeconds)
        if (left <= now) times.delete(budget.key)
        else times.set(budget.key, left)
      }
      if (remember === undefined) return
      const { userId, network, until } = remember
      const known = networks.get(userId) ?? new Map<string, Date>()
      networks.set(userId, known.set(network, until))
      const [oldest] = [...known].sort(([a, x], [b, y]) => x.getTime() - y.getTime() || (a < b ? 1 : -1))
      if (known.size > maxNetworksPerUser && oldest) known.delete(oldest[0])
    },
  }
}

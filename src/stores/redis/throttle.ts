// The port Throttle on Redis. All budgets are in one sorted set, so that one script takes several of them,
// and Redis knows their number.
//   dojang:{throttle}:budgets              <budget> scored with the time when it is full (ms)
//   dojang:{throttle}:networks:<user id>   <network hash> scored with its end (ms)
import { type Budget, maxNetworksPerUser, type Throttle, tooManyRecords } from '../../throttle/throttle.ts'
import type { RedisConnection } from './connection.ts'
import { hourMs } from './expiry.ts'
import { luaScript } from './lua.ts'

const budgetsKey = 'dojang:{throttle}:budgets'
const networksKey = (userId = ''): string => `dojang:{throttle}:networks:${userId}`

const argumentsOf = (budgets: readonly Budget[]): (string | number)[] => [
  budgets.length,
  ...budgets.flatMap(({ key, burst, refillSeconds }) => [key, burst, refillSeconds * 1000]),
]

export const createRedisThrottle = (connection: RedisConnection): Throttle => {
  const take = luaScript<string[]>(connection, 'take-budgets')
  const settle = luaScript<'settled'>(connection, 'settle-budgets')

  return {
    take: async ({ budgets, knownNetwork, maxRecords }, now) => {
      const [outcome, place, index, retryAt] = await take(
        [budgetsKey, networksKey(knownNetwork?.userId)],
        [
          now.getTime(),
          hourMs,
          maxRecords ?? 'inf',
          ...argumentsOf(budgets),
          knownNetwork?.network ?? '',
          ...argumentsOf(knownNetwork?.budgets ?? []),
        ],
      )
      if (outcome === 'full') return tooManyRecords(now)
      const fromKnownNetwork = place === 'known'
      const used = fromKnownNetwork && knownNetwork ? knownNetwork.budgets : budgets
      if (outcome === 'taken') return { outcome, budgets: used, fromKnownNetwork }
      const spent = used[Number(index) - 1]
      return { outcome: 'refused', ...(spent && { spent }), retryAt: new Date(Number(retryAt)) }
    },
    settle: async ({ giveBack = [], reset = [], remember }, now) => {
      await settle(
        [budgetsKey, networksKey(remember?.userId)],
        [
          now.getTime(),
          hourMs,
          remember?.network ?? '',
          remember?.until.getTime() ?? 0,
          maxNetworksPerUser,
          ...giveBack.flatMap(({ key, refillSeconds }) => [key, refillSeconds * 1000]),
          ...reset.flatMap(({ key }) => [key, 'all']),
        ],
      )
    },
  }
}

// The port UsedOnce on Redis, one key per id.
//   dojang:used:<id>   the value 1
import type { UsedOnce } from '../../sessions/used-once.ts'
import type { RedisConnection } from './connection.ts'
import { hourMs, ttlMs } from './expiry.ts'

const keyOf = (id: string): string => `dojang:used:${id}`

export const createRedisUsedOnce = (connection: RedisConnection): UsedOnce => ({
  use: async (id, usedAt, expiresAt) => {
    const keepMs = ttlMs(usedAt, expiresAt, hourMs)
    const answer = await connection.run((redis) => redis.set(keyOf(id), '1', 'PX', keepMs, 'NX'))
    return answer === 'OK' ? 'first' : 'again'
  },
  isUsed: async (id) => (await connection.run((redis) => redis.exists(keyOf(id)))) === 1,
})

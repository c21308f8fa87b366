// Shows whether Redis accepts writes: with full memory (noeviction) it answers reads only.
//   dojang:write-probe   the value 1
import type { RedisConnection } from './connection.ts'
import { hourMs } from './expiry.ts'

/** @throws {Unavailable} if Redis does not accept a write */
export const createRedisWriteProbe =
  (connection: RedisConnection): (() => Promise<void>) =>
  async () => {
    await connection.run((redis) => redis.set('dojang:write-probe', '1', 'PX', hourMs))
  }

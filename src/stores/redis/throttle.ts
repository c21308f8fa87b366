// The port LoginAttempts on Redis, one hash per counter.
//   dojang:attempts:<counted name>   count, nextAllowedAt, expiresAt (ms)
import type { Attempt, LoginAttempts } from '../../throttle/login-attempts.ts'
import type { RedisConnection } from './connection.ts'
import { hourMs } from './expiry.ts'
import { luaScript } from './lua.ts'

const keyOf = (name: string): string => `dojang:attempts:${name}`

export const createRedisLoginAttempts = (connection: RedisConnection): LoginAttempts => {
  const count = luaScript<string[]>(connection, 'count-login-attempt')
  const uncount = luaScript<'uncounted' | 'none'>(connection, 'uncount-login-attempt')

  return {
    attempt: async (key, policy, now): Promise<Attempt> => {
      const { free, baseDelaySeconds, maxDelaySeconds, forgetAfterSeconds } = policy
      const [answer, retryAt] = await count(
        [keyOf(key)],
        [
          now.getTime(),
          free,
          baseDelaySeconds * 1000,
          maxDelaySeconds * 1000,
          forgetAfterSeconds * 1000,
          hourMs,
        ],
      )
      return answer === 'allowed' ? { allowed: true } : { allowed: false, retryAt: new Date(Number(retryAt)) }
    },
    reset: async (key) => {
      await connection.run((redis) => redis.del(keyOf(key)))
    },
    undo: async (key) => {
      await uncount([keyOf(key)], [])
    },
  }
}

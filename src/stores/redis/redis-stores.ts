// Every port of expiring state on one Redis connection. docs/storage.md lists the keys.
import type { ExpiringStores } from '../stores.ts'
import { createRedisAuthorizationCodes } from './authorization-codes.ts'
import { createRedisBlacklist } from './blacklist.ts'
import type { RedisConnection } from './connection.ts'
import { createRedisLinkConfirmations } from './link-confirmations.ts'
import { createRedisRefreshTokens } from './refresh-tokens.ts'
import { createRedisSessions } from './sessions.ts'
import { createRedisThrottle } from './throttle.ts'
import { createRedisUsedOnce } from './used-once.ts'

export const createRedisExpiringStores = (connection: RedisConnection): ExpiringStores => ({
  sessions: createRedisSessions(connection),
  refreshTokens: createRedisRefreshTokens(connection),
  authorizationCodes: createRedisAuthorizationCodes(connection),
  throttle: createRedisThrottle(connection),
  usedOnce: createRedisUsedOnce(connection),
  blacklist: createRedisBlacklist(connection),
  linkConfirmations: createRedisLinkConfirmations(connection),
})

// Every port of expiring state on one Redis connection. docs/storage.md lists the keys.
import type { ExpiringStores } from '../stores.ts'
import { createRedisAuthorizationCodes } from './authorization-codes.ts'
import { createRedisBlacklist } from './blacklist.ts'
import type { RedisConnection } from './connection.ts'
import { createRedisParkedRequests } from './parked-requests.ts'
import { createRedisRefreshTokens } from './refresh-tokens.ts'
import { createRedisSessions } from './sessions.ts'
import { createRedisThrottle } from './throttle.ts'
import { createRedisUpstreamAttempts } from './upstream-attempts.ts'

export const createRedisExpiringStores = (connection: RedisConnection): ExpiringStores => ({
  sessions: createRedisSessions(connection),
  refreshTokens: createRedisRefreshTokens(connection),
  authorizationCodes: createRedisAuthorizationCodes(connection),
  parkedRequests: createRedisParkedRequests(connection),
  throttle: createRedisThrottle(connection),
  blacklist: createRedisBlacklist(connection),
  upstreamAttempts: createRedisUpstreamAttempts(connection),
})

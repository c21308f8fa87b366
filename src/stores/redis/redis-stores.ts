// State that expires, kept in Redis: every port of it on one connection. What is kept how: docs/storage.md.
import type { ExpiringStores } from '../stores.ts'
import { redisAuthorizationCodes } from './authorization-codes.ts'
import { redisBlacklist } from './blacklist.ts'
import type { RedisConnection } from './connection.ts'
import { redisLoginAttempts } from './login-attempts.ts'
import { redisParkedRequests } from './parked-requests.ts'
import { redisRefreshTokens } from './refresh-tokens.ts'
import { redisSessions } from './sessions.ts'
import { redisUpstreamAttempts } from './upstream-attempts.ts'

export const redisExpiringStores = (connection: RedisConnection): ExpiringStores => ({
  sessions: redisSessions(connection),
  refreshTokens: redisRefreshTokens(connection),
  authorizationCodes: redisAuthorizationCodes(connection),
  parkedRequests: redisParkedRequests(connection),
  loginAttempts: redisLoginAttempts(connection),
  blacklist: redisBlacklist(connection),
  upstreamAttempts: redisUpstreamAttempts(connection),
})

// The in-memory models of all ports whose records expire.
import type { ExpiringStores } from '../../../src/stores/stores.ts'
import { memoryAuthorizationCodes } from './authorization-codes.ts'
import { memoryBlacklist } from './blacklist.ts'
import { memoryParkedRequests } from './parked-requests.ts'
import { memoryRefreshTokens } from './refresh-tokens.ts'
import { memorySessions } from './sessions.ts'
import { memoryThrottle } from './throttle.ts'
import { memoryUpstreamAttempts } from './upstream-attempts.ts'

export const memoryExpiringStores = (): ExpiringStores => ({
  sessions: memorySessions(),
  refreshTokens: memoryRefreshTokens(),
  authorizationCodes: memoryAuthorizationCodes(),
  parkedRequests: memoryParkedRequests(),
  throttle: memoryThrottle(),
  blacklist: memoryBlacklist(),
  upstreamAttempts: memoryUpstreamAttempts(),
})

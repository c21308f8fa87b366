// The in-memory models of all ports whose records expire.
import type { ExpiringStores } from '../../../src/stores/stores.ts'
import { memoryAuthorizationCodes } from './authorization-codes.ts'
import { memoryBlacklist } from './blacklist.ts'
import { memoryLinkConfirmations } from './link-confirmations.ts'
import { memoryRefreshTokens } from './refresh-tokens.ts'
import { memorySessions } from './sessions.ts'
import { memoryThrottle } from './throttle.ts'
import { memoryUsedOnce } from './used-once.ts'

export const memoryExpiringStores = (): ExpiringStores => ({
  sessions: memorySessions(),
  refreshTokens: memoryRefreshTokens(),
  authorizationCodes: memoryAuthorizationCodes(),
  throttle: memoryThrottle(),
  usedOnce: memoryUsedOnce(),
  blacklist: memoryBlacklist(),
  linkConfirmations: memoryLinkConfirmations(),
})

// The in-memory model of authorization codes. A redeemed code is kept, so that reuse is noticed.
import type { AuthorizationCode, AuthorizationCodes } from '../../../src/tokens/authorization-code.ts'

export const memoryAuthorizationCodes = (): AuthorizationCodes => {
  const kept = new Map<string, AuthorizationCode>()

  return {
    issue: async (code) => {
      kept.set(code.codeHash, structuredClone(code))
    },
    find: async (codeHash) => structuredClone(kept.get(codeHash)),
    redeem: async (codeHash, familyId, now) => {
      const code = kept.get(codeHash)
      if (code === undefined || now >= code.expiresAt) return { outcome: 'gone' }
      if (code.redeemedBy !== undefined) return { outcome: 'reused', redeemedBy: code.redeemedBy }
      code.redeemedBy = familyId
      return { outcome: 'redeemed' }
    },
  }
}

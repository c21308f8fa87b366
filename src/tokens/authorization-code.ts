// Authorization codes (RFC 6749 §4.1.2). Owns the record, which has only a hash of the code, and its port.
import type { ClientId, FamilyId, SessionId, UserId } from '../ids.ts'

export interface AuthorizationCode {
  codeHash: string
  clientId: ClientId
  userId: UserId
  sessionId: SessionId
  redirectUri: string
  scope: readonly string[]
  resource: readonly string[]
  nonce?: string
  codeChallenge?: string
  authTime: Date
  amr: readonly string[]
  issuedAt: Date
  expiresAt: Date
  /** The family that started when the code was redeemed. */
  redeemedBy?: FamilyId
}

/**
 * 'reused': the code was redeemed before, by the family `redeemedBy` (docs/decisions/0005-code-reuse.md).
 * 'gone': the code is unknown or expired.
 */
export type Redemption =
  | { outcome: 'redeemed' }
  | { outcome: 'reused'; redeemedBy: FamilyId }
  | { outcome: 'gone' }

export interface AuthorizationCodes {
  issue(code: AuthorizationCode): Promise<void>
  /** Also finds redeemed codes, while the store keeps them. */
  find(codeHash: string): Promise<AuthorizationCode | undefined>
  /** Exactly one of any number of concurrent calls is 'redeemed'. */
  redeem(codeHash: string, familyId: FamilyId, now: Date): Promise<Redemption>
}

/** RFC 6749 §4.1.2 allows 10 minutes, and FAPI 2.0 allows 60 seconds. */
export const authorizationCodeTtlSeconds = 60

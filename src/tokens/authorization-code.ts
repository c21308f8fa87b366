// Authorization codes (RFC 6749 §4.1.2): the record and its port. Only a hash of the code is kept.
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
  /** The family that its redemption began. */
  redeemedBy?: FamilyId
}

export type Redemption =
  | { outcome: 'redeemed' }
  | { outcome: 'reused'; redeemedBy: FamilyId }
  | { outcome: 'gone' }

export interface AuthorizationCodes {
  issue(code: AuthorizationCode): Promise<void>
  /** Also finds a redeemed one, for as long as the store keeps it. */
  find(codeHash: string): Promise<AuthorizationCode | undefined>
  /** Of any number of concurrent calls exactly one is 'redeemed'. A record past `expiresAt` is 'gone'. */
  redeem(codeHash: string, familyId: FamilyId, now: Date): Promise<Redemption>
}

/** RFC 6749 §4.1.2 asks for minutes at most; FAPI 2.0 for 60 seconds. */
export const authorizationCodeTtlSeconds = 60

// An ID token that comes back as a hint (OIDC Core §3.1.2.1, RP-Initiated Logout §2): ours, possibly long expired.

import type { ClientId, FamilyId, UserId } from '../ids.ts'
import type { OwnJwts } from '../keys/own-jwts.ts'

export interface IdTokenHint {
  userId: UserId
  clientId: ClientId
  familyId: FamilyId
}

/** The facts of a hint, or undefined if this issuer did not sign it as an ID token. */
export type ReadIdTokenHint = (token: string) => Promise<IdTokenHint | undefined>

export const createReadIdTokenHint =
  (ownJwts: Pick<OwnJwts, 'verifyEvenExpired'>): ReadIdTokenHint =>
  async (token) => {
    const verified = await ownJwts.verifyEvenExpired(token, 'JWT')
    if (verified.outcome === 'invalid') return undefined
    const { sub, aud, sid } = verified.payload
    return typeof sub === 'string' && typeof aud === 'string' && typeof sid === 'string'
      ? { userId: sub, clientId: aud, familyId: sid }
      : undefined
  }

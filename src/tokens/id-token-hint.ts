// Reads the parameter `id_token_hint`: an ID token of this issuer, which may be expired
// (OIDC Core §3.1.2.1, OIDC RP-Initiated Logout §2).

import type { ClientId, FamilyId, UserId } from '../ids.ts'
import type { OwnJwts } from '../keys/own-jwts.ts'
import { jwtType } from './access-token.ts'

export interface IdTokenHint {
  userId: UserId
  clientId: ClientId
  familyId: FamilyId
}

/** Undefined if the text is not an ID token of this issuer. */
export type ReadIdTokenHint = (token: string) => Promise<IdTokenHint | undefined>

export const createReadIdTokenHint =
  (ownJwts: Pick<OwnJwts, 'verifyEvenExpired'>): ReadIdTokenHint =>
  async (token) => {
    const verified = await ownJwts.verifyEvenExpired(token, jwtType)
    if (verified.outcome === 'invalid') return undefined
    const { sub, aud, sid, client_id } = verified.payload
    // Only an access token has this claim, and some of them are of the same type.
    if (client_id !== undefined) return undefined
    return typeof sub === 'string' && typeof aud === 'string' && typeof sid === 'string'
      ? { userId: sub, clientId: aud, familyId: sid }
      : undefined
  }

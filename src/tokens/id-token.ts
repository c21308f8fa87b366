// The claims of ID tokens (OIDC Core §2), and the claims that scopes give access to (OIDC Core §5.4).

import { createHash } from 'node:crypto'
import { epochSeconds } from '../clock.ts'
import type { ClientId, FamilyId } from '../ids.ts'
import type { User } from '../users/user.ts'

/** The claims of the scopes `profile` and `email`, for ID tokens and /userinfo. */
export const personalClaims = (user: User, scope: readonly string[]): Record<string, unknown> => ({
  ...(scope.includes('profile') && {
    ...(user.name !== undefined && { name: user.name }),
    ...(user.username !== undefined && { preferred_username: user.username }),
    ...(user.locale !== undefined && { locale: user.locale }),
    updated_at: epochSeconds(user.updatedAt),
  }),
  ...(scope.includes('email') &&
    user.email !== undefined && { email: user.email, email_verified: user.emailVerified }),
})

/** The `at_hash` claim: the left half of the SHA-256 of the access token (OIDC Core §3.1.3.6). */
export const accessTokenHash = (accessToken: string): string =>
  createHash('sha256').update(accessToken, 'ascii').digest().subarray(0, 16).toString('base64url')

/** The claims of one ID token. `sid` is the id of the family. */
export const idTokenClaims = (token: {
  issuer: string
  user: User
  clientId: ClientId
  familyId: FamilyId
  scope: readonly string[]
  accessToken: string
  authTime: Date
  amr: readonly string[]
  issuedAt: Date
  ttlSeconds: number
  /** From the authorization request (OIDC Core §3.1.3.7). */
  nonce?: string
}): Record<string, unknown> => {
  const iat = epochSeconds(token.issuedAt)
  return {
    ...personalClaims(token.user, token.scope),
    iss: token.issuer,
    sub: token.user.id,
    aud: token.clientId,
    iat,
    exp: iat + token.ttlSeconds,
    auth_time: epochSeconds(token.authTime),
    amr: [...token.amr],
    sid: token.familyId,
    at_hash: accessTokenHash(token.accessToken),
    ...(token.nonce !== undefined && { nonce: token.nonce }),
  }
}

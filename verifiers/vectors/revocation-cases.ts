// Tokens that the revocation feed revokes, and similar tokens that stay valid.
import { accessToken, now, revokedKey } from './tokens.ts'
import { type Vector, vector } from './vector.ts'

export const revocationCases: Vector[] = [
  vector(
    'revoked-jti',
    'rejects a token whose jti is revoked',
    accessToken({ jti: 'token-revoked' }),
    'revoked',
  ),
  vector(
    'revoked-sid',
    'rejects a token whose sid is revoked',
    accessToken({ sid: 'family-revoked' }),
    'revoked',
  ),
  vector(
    'revoked-sub',
    'rejects a token issued a minute before the cutoff of its user',
    accessToken({ sub: 'user-signed-out', iat: now - 160 }),
    'revoked',
  ),
  vector(
    'revoked-sub-same-second',
    'rejects a token issued in the second of the cutoff of its user',
    accessToken({ sub: 'user-signed-out' }),
    'revoked',
  ),
  vector(
    'signed-in-again',
    'accepts a token issued after the cutoff of its user',
    accessToken({ sub: 'user-signed-out', iat: now - 99 }),
    'ok',
    { expect: { subject: 'user-signed-out' } },
  ),
  vector(
    'revoked-client',
    'rejects a token issued before the cutoff of its client',
    accessToken({ client_id: 'client-deleted' }),
    'revoked',
  ),
  vector(
    'client-after-cutoff',
    'accepts a token issued after the cutoff of its client',
    accessToken({ client_id: 'client-deleted', iat: now - 49 }),
    'ok',
  ),
  vector(
    'revoked-client-no-cutoff',
    'rejects every token of a client whose entry has no cutoff',
    accessToken({ client_id: 'client-barred', iat: now }),
    'revoked',
  ),
  vector(
    'revoked-key',
    'rejects a token of a revoked key that is still in the key set',
    accessToken({}, { key: revokedKey }),
    'revoked',
  ),
  vector(
    'other-kind',
    'accepts a jti that equals a revoked sid',
    accessToken({ jti: 'family-revoked' }),
    'ok',
  ),
  vector(
    'revocations-off',
    'accepts a revoked token if the options turn the feed off',
    accessToken({ jti: 'token-revoked' }),
    'ok',
    { verifier: 'revocations off' },
  ),
]

// The required claims, the audience, and the times `exp`, `iat` and `nbf`.
import { accessToken, audience, type Json, now } from './tokens.ts'
import { type Vector, vector } from './vector.ts'

const wrongTypes: Record<string, { says: string; claims: Json }> = {
  'exp-text': { says: 'rejects exp as a string', claims: { exp: String(now + 500) } },
  'exp-null': { says: 'rejects exp as null', claims: { exp: null } },
  'iat-text': { says: 'rejects iat as a string', claims: { iat: String(now) } },
  'nbf-text': { says: 'rejects nbf as a string', claims: { nbf: String(now - 10) } },
  'sub-number': { says: 'rejects sub as a number', claims: { sub: 1 } },
  'sub-empty': { says: 'rejects an empty sub', claims: { sub: '' } },
  'jti-number': { says: 'rejects jti as a number', claims: { jti: 1 } },
  'sid-number': { says: 'rejects sid as a number', claims: { sid: 1 } },
  'client-list': { says: 'rejects client_id as a list', claims: { client_id: ['web'] } },
}

const requiredClaims: Vector[] = [
  ...['exp', 'iat', 'sub', 'jti', 'client_id'].map((claim) =>
    vector(
      `claims-no-${claim}`,
      `rejects a token without ${claim}`,
      accessToken({ [claim]: undefined }),
      'claims',
    ),
  ),
  ...Object.entries(wrongTypes).map(([id, { says, claims }]) =>
    vector(`claims-${id}`, says, accessToken(claims), 'claims'),
  ),
]

const otherAudiences: Record<string, { says: string; aud: unknown }> = {
  other: { says: 'rejects a token for another API', aud: 'https://other.example' },
  client: { says: 'rejects a token for the client', aud: 'web' },
  missing: { says: 'rejects a token without aud', aud: undefined },
  empty: { says: 'rejects an empty list of audiences', aud: [] },
  prefix: {
    says: 'rejects an audience that only starts with the audience of this API',
    aud: `${audience}/v2`,
  },
  slash: { says: 'rejects the audience with a trailing slash', aud: `${audience}/` },
  object: { says: 'rejects aud as an object', aud: { [audience]: true } },
}

const audiences: Vector[] = Object.entries(otherAudiences).map(([id, { says, aud }]) =>
  vector(`audience-${id}`, says, accessToken({ aud }), 'audience'),
)

const withoutLeeway = { verifier: 'no leeway' }

const times: Vector[] = [
  vector(
    'expired',
    'rejects a token that expired 11 s ago, beyond the leeway of 10 s',
    accessToken({ exp: now - 11 }),
    'expired',
  ),
  vector(
    'expired-edge',
    'rejects a token that expired exactly the leeway ago',
    accessToken({ exp: now - 10 }),
    'expired',
  ),
  vector(
    'expired-no-leeway',
    'rejects a token at the second of exp, without leeway',
    accessToken({ exp: now }),
    'expired',
    withoutLeeway,
  ),
  vector(
    'last-second-no-leeway',
    'accepts a token one second before exp, without leeway',
    accessToken({ exp: now + 1 }),
    'ok',
    withoutLeeway,
  ),
  vector(
    'future-iat',
    'rejects iat 11 s in the future, beyond the leeway of 10 s',
    accessToken({ iat: now + 11 }),
    'not_yet_valid',
  ),
  vector(
    'future-iat-edge',
    'accepts iat in the future by exactly the leeway',
    accessToken({ iat: now + 10 }),
    'ok',
  ),
  vector(
    'future-nbf',
    'rejects nbf 11 s in the future, beyond the leeway of 10 s',
    accessToken({ nbf: now + 11 }),
    'not_yet_valid',
  ),
]

export const claimCases: Vector[] = [...requiredClaims, ...audiences, ...times]

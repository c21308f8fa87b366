// A feed that is old, missing or invalid, and an issuer without keys.
import { accessToken } from './tokens.ts'
import { type Vector, vector } from './vector.ts'
import { acceptingStale } from './verifiers.ts'
import { worldsWithoutFreshFeed, worldsWithoutKeys } from './worlds.ts'

const slug = (text: string): string => text.replaceAll(/\W+/g, '-')

const casesWithoutFreshFeed = (world: string): Vector[] => {
  const id = `stale-${slug(world)}`
  const accepting = acceptingStale(world)
  const place = `in the world "${world}"`
  return [
    vector(id, `rejects a valid token by default, ${place}`, accessToken(), 'stale', { verifier: world }),
    vector(`${id}-accepted`, `accepts a valid token with when_stale accept, ${place}`, accessToken(), 'ok', {
      verifier: accepting,
    }),
    vector(
      `${id}-still-checked`,
      `checks the audience even with when_stale accept, ${place}`,
      accessToken({ aud: 'web' }),
      'audience',
      { verifier: accepting },
    ),
  ]
}

const casesWithoutKeys = (world: string): Vector[] => {
  const place = `in the world "${world}"`
  const accepting = acceptingStale(world)
  return [
    vector(`unavailable-${slug(world)}`, `answers 503 without keys, ${place}`, accessToken(), 'unavailable', {
      verifier: world,
    }),
    vector(
      `unavailable-${slug(accepting)}`,
      `answers 503 without keys even with when_stale accept, ${place}`,
      accessToken(),
      'unavailable',
      { verifier: accepting },
    ),
  ]
}

export const feedCases: Vector[] = [
  vector('feed-200-s-old', 'accepts a token with a feed that is 200 s old', accessToken(), 'ok', {
    verifier: 'feed 200 s old',
  }),
  vector(
    'feed-400-s-old-revoked',
    'rejects a revoked token even with a stale feed',
    accessToken({ jti: 'token-revoked' }),
    'revoked',
    { verifier: 'feed 400 s old' },
  ),
  ...Object.keys(worldsWithoutFreshFeed).flatMap(casesWithoutFreshFeed),
  ...Object.keys(worldsWithoutKeys).flatMap(casesWithoutKeys),
]

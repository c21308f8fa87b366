// A signing key as an admin sees it: never the private half, sealed or not.
import { type SigningKey, stateAt } from '../keys/signing-keys.ts'

/** Oldest first; of the same moment, the one that signs first. */
export const byAge = (a: KeyView, b: KeyView): number => {
  const [left, right] = [a, b].map((key) => `${key.created_at} ${key.activates_at ?? 'later'}`)
  return (left ?? '') < (right ?? '') ? -1 : 1
}

const iso = (moment: Date | undefined): string | null => moment?.toISOString() ?? null

export const keyView = (key: SigningKey, now: Date) => ({
  kid: key.kid,
  alg: key.alg,
  bits: Buffer.from(key.publicJwk.n, 'base64url').length * 8,
  state: stateAt(key, now),
  age_seconds: Math.max(0, Math.floor((now.getTime() - key.createdAt.getTime()) / 1000)),
  created_at: key.createdAt.toISOString(),
  published_at: key.publishedAt.toISOString(),
  activates_at: iso(key.activatesAt),
  retires_at: iso(key.retiresAt),
  removed_at: iso(key.removedAt),
  revoked_at: iso(key.revokedAt),
})

export type KeyView = ReturnType<typeof keyView>

export const publicJwk = ({ kid, alg, publicJwk: { kty, n, e } }: SigningKey) => ({
  kty,
  n,
  e,
  kid,
  alg,
  use: 'sig',
})

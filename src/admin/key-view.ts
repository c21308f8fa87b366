// A signing key as an admin sees it: never the private key, not even encrypted.
import { type SigningKey, stateAt } from '../keys/signing-keys.ts'

const iso = (moment: Date | undefined): string | null => moment?.toISOString() ?? null

const keyView = (key: SigningKey, now: Date) => ({
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

const ageOf = (key: KeyView): string => `${key.created_at} ${key.activates_at ?? 'later'}`

/** Oldest first. Keys with the same creation time are in the order in which they sign. */
export const keyViews = (keys: readonly SigningKey[], now: Date): KeyView[] =>
  keys.map((key) => keyView(key, now)).sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1))

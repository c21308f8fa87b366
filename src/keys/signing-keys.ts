// Signing keys: the record, the life that follows from its times, and the port. Pure rules; what the commands make of
// the set is rotation.ts, encryption is key-encryption.ts, JOSE is jwt.ts, the public document is jwks.ts.
import type { Kid } from '../ids.ts'
import { maxAccessTokenTtlSeconds, verifierLeewaySeconds } from '../lifetimes.ts'

export interface PublicKeyJwk {
  kty: 'RSA'
  n: string
  e: string
}

export interface SigningKey {
  /** RFC 7638 thumbprint. */
  kid: Kid
  alg: 'RS256'
  publicJwk: PublicKeyJwk
  /** PKCS#8, AES-256-GCM under the key-encryption key, `kid` as associated data (key-encryption.ts). */
  encryptedPrivateKey: string
  createdAt: Date
  publishedAt: Date
  /** Absent: a standby, published but not scheduled to sign. */
  activatesAt?: Date
  /** Stops signing; goes on verifying until `removedAt`. */
  retiresAt?: Date
  removedAt?: Date
  revokedAt?: Date
}

export interface SigningKeys {
  list(): Promise<SigningKey[]>
  /**
   * Replaces the whole set by what `change` makes of it, as one transaction; concurrent calls take turns.
   * A key missing from the answer is not deleted: records are kept for ever, so that a `kid` never returns.
   */
  update(change: (keys: readonly SigningKey[]) => readonly SigningKey[]): Promise<SigningKey[]>
}

export type KeyState = 'pending' | 'active' | 'retiring' | 'removed' | 'revoked'

/** How long clients may cache the JWKS: its `Cache-Control: max-age`. */
export const jwksMaxAgeSeconds = 300

/** A key that stops signing stays published until the last token it signed is of no use to any verifier. */
export const keepSeconds = maxAccessTokenTtlSeconds + jwksMaxAgeSeconds + verifierLeewaySeconds

/** A set that some consumers can still read; they cap its size. */
export const maxPublishedKeys = 4

/** Where a key is in its life; nothing but its times and `now` decides (OIDC Core §10.1.1). */
export const stateAt = (key: SigningKey, now: Date): KeyState => {
  const reached = (moment: Date | undefined) => moment !== undefined && moment <= now
  if (key.revokedAt !== undefined) return 'revoked'
  if (reached(key.removedAt)) return 'removed'
  if (reached(key.retiresAt)) return 'retiring'
  return reached(key.activatesAt) ? 'active' : 'pending'
}

const activation = ({ activatesAt }: SigningKey): number => activatesAt?.getTime() ?? Number.POSITIVE_INFINITY

/** The key that signs: the active one. If records disagree, the one that was activated last. */
export const signingKeyAt = (keys: readonly SigningKey[], now: Date): SigningKey | undefined =>
  keys.filter((key) => stateAt(key, now) === 'active').sort((a, b) => activation(b) - activation(a))[0]

/** The keys of the JWKS: those that sign, will sign, or signed what may still be valid. Oldest first. */
export const publishedAt = (keys: readonly SigningKey[], now: Date): SigningKey[] =>
  keys
    .filter((key) => ['pending', 'active', 'retiring'].includes(stateAt(key, now)))
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.kid < b.kid ? -1 : 1))

/**
 * Keys whose old signatures still identify somebody: all but the revoked. For an expired id_token_hint only; nothing
 * that opens a door is checked with a key that left the JWKS.
 */
export const hintVerifyingAt = (keys: readonly SigningKey[], now: Date): SigningKey[] =>
  keys.filter((key) => stateAt(key, now) !== 'revoked')

/** The key that takes over next, if a rotation is under way. */
export const scheduledAt = (keys: readonly SigningKey[], now: Date): SigningKey | undefined =>
  standbysAt(keys, now).find((key) => key.activatesAt !== undefined)

/** Published keys that do not sign yet, best successor first: the scheduled one, then the longest published. */
export const standbysAt = (keys: readonly SigningKey[], now: Date): SigningKey[] =>
  keys
    .filter((key) => stateAt(key, now) === 'pending')
    .sort((a, b) =>
      activation(a) === activation(b)
        ? a.publishedAt.getTime() - b.publishedAt.getTime()
        : activation(a) - activation(b),
    )

/** How long the active key has signed, and when it stops if a rotation is scheduled. Undefined if no key is active. */
export const signingKeyAge = (
  keys: readonly SigningKey[],
  now: Date,
): { ageSeconds: number; secondsUntilRetirement?: number } | undefined => {
  const { activatesAt, retiresAt } = signingKeyAt(keys, now) ?? {}
  if (activatesAt === undefined) return undefined
  return {
    ageSeconds: (now.getTime() - activatesAt.getTime()) / 1000,
    ...(retiresAt && { secondsUntilRetirement: (retiresAt.getTime() - now.getTime()) / 1000 }),
  }
}

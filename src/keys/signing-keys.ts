// The record of a signing key, its port, and its state at a given time. Rules that change the set are in
// rotation.ts, JWTs in jwt.ts, the JWKS document in jwks.ts.
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
  /** The PKCS#8 private key, encrypted by encryption/sealing.ts. */
  encryptedPrivateKey: string
  createdAt: Date
  publishedAt: Date
  /** When the key begins to sign. Absent in a standby, which is published but not scheduled to sign. */
  activatesAt?: Date
  /** When the key stops signing. It verifies until `removedAt`. */
  retiresAt?: Date
  removedAt?: Date
  revokedAt?: Date
}

export interface SigningKeys {
  list(): Promise<SigningKey[]>
  /**
   * Replaces the set by the result of `change`, in one transaction. Concurrent calls run one after the other.
   * A key that is missing from the result is kept: no record is ever deleted, so a `kid` is never used again.
   */
  update(change: (keys: readonly SigningKey[]) => readonly SigningKey[]): Promise<SigningKey[]>
}

export type KeyState = 'pending' | 'active' | 'retiring' | 'removed' | 'revoked'

/** Seconds that a client may cache the JWKS (`Cache-Control: max-age`). */
export const jwksMaxAgeSeconds = 300

/** Seconds that a retired key stays published: until every verifier rejects its last token as expired. */
export const keepSeconds = maxAccessTokenTtlSeconds + jwksMaxAgeSeconds + verifierLeewaySeconds

/** Some consumers limit the size of a JWKS. */
export const maxPublishedKeys = 4

/** The times in the record and `now` decide the state (OIDC Core §10.1.1). rotation.ts has a diagram. */
export const stateAt = (key: SigningKey, now: Date): KeyState => {
  const reached = (moment: Date | undefined) => moment !== undefined && moment <= now
  if (key.revokedAt !== undefined) return 'revoked'
  if (reached(key.removedAt)) return 'removed'
  if (reached(key.retiresAt)) return 'retiring'
  return reached(key.activatesAt) ? 'active' : 'pending'
}

const activationTime = ({ activatesAt }: SigningKey): number =>
  activatesAt?.getTime() ?? Number.POSITIVE_INFINITY

/** The active key, which signs. If several records are active, the key that was activated last. */
export const signingKeyAt = (keys: readonly SigningKey[], now: Date): SigningKey | undefined =>
  keys
    .filter((key) => stateAt(key, now) === 'active')
    .sort((a, b) => activationTime(b) - activationTime(a))[0]

/** The keys of the JWKS, oldest first, with retiring keys: tokens that they signed may still be valid. */
export const publishedAt = (keys: readonly SigningKey[], now: Date): SigningKey[] =>
  keys
    .filter((key) => ['pending', 'active', 'retiring'].includes(stateAt(key, now)))
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.kid < b.kid ? -1 : 1))

/** The time when the next key leaves the JWKS by itself. Undefined if no key is scheduled to leave. */
export const nextRemovalAt = (keys: readonly SigningKey[], now: Date): Date | undefined =>
  publishedAt(keys, now)
    .flatMap(({ removedAt }) => removedAt ?? [])
    .sort((a, b) => a.getTime() - b.getTime())[0]

/**
 * All keys except the revoked ones. They verify an expired id_token_hint, which only identifies a user. A
 * token that gives access is never verified with a key that left the JWKS.
 */
export const hintVerifyingAt = (keys: readonly SigningKey[], now: Date): SigningKey[] =>
  keys.filter((key) => stateAt(key, now) !== 'revoked')

/** The key that signs next, if a rotation is scheduled. */
export const scheduledAt = (keys: readonly SigningKey[], now: Date): SigningKey | undefined =>
  standbysAt(keys, now).find((key) => key.activatesAt !== undefined)

/** The pending keys, best successor first: the scheduled key, then the key that was published first. */
export const standbysAt = (keys: readonly SigningKey[], now: Date): SigningKey[] =>
  keys
    .filter((key) => stateAt(key, now) === 'pending')
    .sort((a, b) =>
      activationTime(a) === activationTime(b)
        ? a.publishedAt.getTime() - b.publishedAt.getTime()
        : activationTime(a) - activationTime(b),
    )

/** The age of the active key, and the time until it retires if a rotation is scheduled. */
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

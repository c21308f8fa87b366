// Signing keys: the record, the life that follows from its times, and the port. Pure rules; encryption is
// key-encryption.ts, JOSE is jwt.ts, the public document is jwks.ts.

export interface PublicKeyJwk {
  kty: 'RSA'
  n: string
  e: string
}

export interface SigningKey {
  /** RFC 7638 thumbprint. */
  kid: string
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

// APIs: the audiences of access tokens (RFC 8707, RFC 9068 §3). Owns the record and its port.
// tokens/audience.ts decides which API a token is for.

export interface Api {
  /** The `aud` claim: an absolute URI without a fragment. */
  audience: string
  name: string
  scopes: readonly string[]
  /** The lifetime of access tokens for this API. The issuer's default applies if it is absent. */
  accessTokenTtlSeconds?: number
  /**
   * The `typ` header of its access tokens, for services that refuse `at+jwt` and cannot be configured. It is
   * `at+jwt` if this is absent (docs/decisions/0056-token-type-jwt.md).
   */
  tokenType?: 'JWT'
  /** Extra claims about the user in its access tokens, such as `username`, `email` or `premium`. */
  claims: readonly string[]
  createdAt: Date
}

/** A member that is absent does not change. `null` removes an optional member. */
export interface ApiChange {
  name?: string
  scopes?: readonly string[]
  accessTokenTtlSeconds?: number | null
  tokenType?: 'JWT' | null
  claims?: readonly string[]
}

export interface Apis {
  create(api: Api): Promise<'created' | 'exists'>
  find(audience: string): Promise<Api | undefined>
  list(): Promise<Api[]>
  /** False if the API does not exist. */
  change(audience: string, change: ApiChange): Promise<boolean>
  /** False if the API does not exist. */
  delete(audience: string): Promise<boolean>
}

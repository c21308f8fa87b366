// APIs: the audiences of access tokens (RFC 8707, RFC 9068 §3). Owns the record and its port.

export interface Api {
  /** The `aud` value: an absolute URI without a fragment. */
  audience: string
  name: string
  scopes: readonly string[]
  /** Life of its access tokens; the issuer's default when absent. */
  accessTokenTtlSeconds?: number
  /** Facts about the user that its access tokens carry besides the standard ones: `username`, `email`, `premium`, … */
  claims: readonly string[]
  createdAt: Date
}

export interface ApiChange {
  name?: string
  scopes?: readonly string[]
  accessTokenTtlSeconds?: number | null
  claims?: readonly string[]
}

export interface Apis {
  create(api: Api): Promise<'created' | 'exists'>
  find(audience: string): Promise<Api | undefined>
  list(): Promise<Api[]>
  change(audience: string, change: ApiChange): Promise<boolean>
  delete(audience: string): Promise<boolean>
}

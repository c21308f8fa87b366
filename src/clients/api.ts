// APIs: the audiences of access tokens (RFC 8707, RFC 9068 §3). Owns the record and its port.
// tokens/audience.ts decides which API a token is for.

/** What a scope lets a client do, in words: the text for a person who is asked for consent. */
export type ScopeTexts = Readonly<Record<string, { ko: string; en: string }>>

export interface Api {
  /** The `aud` claim: an absolute URI without a fragment. */
  audience: string
  name: string
  scopes: readonly string[]
  /** Of some of its scopes. The consent page shows the name of a scope without a text. */
  scopeTexts: ScopeTexts
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
  scopeTexts?: ScopeTexts
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

/**
 * The texts of these scopes in one language. If several APIs have a scope, the first one of `audiences` says
 * what it means. A scope without a text there has none, because the text of another API would be wrong.
 */
export const scopeWords = (
  apis: readonly Api[],
  { scope, audiences, lang }: { scope: readonly string[]; audiences: readonly string[]; lang: 'ko' | 'en' },
): Readonly<Record<string, string>> => {
  const named = audiences.flatMap((audience) => apis.filter((api) => api.audience === audience))
  const inOrder = [...named, ...apis]
  return Object.fromEntries(
    scope.flatMap((name) => {
      const texts = inOrder.find(({ scopes }) => scopes.includes(name))?.scopeTexts ?? {}
      const text = Object.hasOwn(texts, name) ? texts[name]?.[lang] : undefined
      return text === undefined ? [] : [[name, text]]
    }),
  )
}

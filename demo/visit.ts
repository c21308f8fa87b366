// The state that the bookshop's server keeps for one browser. The server and the page both use these types.
import type { EventName } from './texts.ts'

export interface Visit {
  /** Set while the browser is at the issuer to sign in. The callback needs both values. */
  pendingSignIn?: { codeVerifier: string; state: string }
  tokens?: { access: string; id: string; refresh: string }
  /** The events of this visit, oldest first. */
  activity: { at: Date; event: EventName; detail?: string }[]
  /** True after the issuer rejected the refresh token. */
  ended: boolean
}

/** Where a person can disconnect the shop. Naver is missing: Dojang cannot receive its notices yet. */
export interface ProviderOrigins {
  kakao: string
  google: string
}

/** Reads the claims of a JWT without a signature check. The shop gets its tokens from the issuer itself. */
export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

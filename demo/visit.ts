// The state that the bookshop's server keeps for one browser. The server and the page both use these types.
import type { EventName } from './texts.ts'

/** How a person signed in at the issuer. */
export const signInMethods = ['kakao', 'google', 'naver', 'password'] as const
export type SignInMethod = (typeof signInMethods)[number]

/** Providers that tell Dojang when a person disconnects the shop. Naver does not. */
export const tellingProviders = ['kakao', 'google'] as const
export type TellingProvider = (typeof tellingProviders)[number]

/** The demo's imitation of a provider. */
export interface DemoProvider {
  origin: string
  /** How often somebody has disconnected there. */
  disconnections(): number
}
export type DemoProviders = Record<TellingProvider, DemoProvider>

export interface Visit {
  /** Set while the browser is at the issuer to sign in. The callback needs both values. */
  pendingSignIn?: { codeVerifier: string; state: string }
  tokens?: { access: string; id: string; refresh: string }
  /** The events since the last sign-in began, oldest first. */
  activity: { at: Date; event: EventName; detail?: string }[]
  /** Every method with which this browser has signed in. */
  methods: Set<SignInMethod>
  /** The provider's count of disconnections at the sign-in. */
  disconnectionsBefore: number
  /** The provider at which somebody disconnected before the session ended. */
  disconnectedAt?: TellingProvider
  /** True after the issuer rejected the refresh token. */
  ended: boolean
}

export const newVisit = (): Visit => ({
  activity: [],
  methods: new Set(),
  disconnectionsBefore: 0,
  ended: false,
})

/** Reads the claims of a JWT without a signature check. The shop gets its tokens from the issuer itself. */
export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

/** The method of the sign-in. Dojang names the provider in `amr`. */
export const methodOf = (visit: Visit): SignInMethod | undefined => {
  if (visit.tokens === undefined) return undefined
  const { amr } = claimsOf(visit.tokens.id)
  const names: readonly unknown[] = Array.isArray(amr) ? amr : []
  return signInMethods.find((method) => names.includes(method)) ?? 'password'
}

/** The provider of the sign-in, if it tells Dojang about a disconnection. */
export const tellingProviderOf = (visit: Visit): TellingProvider | undefined => {
  const method = methodOf(visit)
  return tellingProviders.find((provider) => provider === method)
}

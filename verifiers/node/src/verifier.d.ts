/** What a service needs to check access tokens offline. The shape is the same in every language: ../../README.md. */

/** An issuer that publishes its keys. */
export interface KeyIssuer {
  /** Equals `iss`, character by character. */
  issuer: string
  /** Instead of the verifier's. */
  audience?: string
  /** `typ` headers that are access tokens there; `at+jwt` unless told otherwise. */
  types?: readonly string[]
  /** Unless its metadata says so. */
  jwksUri?: string
  revocationsUri?: string
  /** False for an issuer that has no revocation feed. */
  revocations?: boolean
}

/** An issuer of HS256 tokens, trusted until a date: for a migration. */
export interface SecretIssuer {
  /** Its UTF-8 bytes are the key; at least 32. */
  secret: string
  /** Its tokens are refused from this moment on. */
  until: Date
  /** None: tokens without `iss`. */
  issuer?: string
  /** None: `aud` is not looked at. */
  audience?: string
  /** Where the user is named; `sub` unless told otherwise. */
  subjectClaim?: string
}

export type IssuerOptions = string | KeyIssuer | SecretIssuer

export interface VerifierOptions {
  issuer: IssuerOptions | readonly IssuerOptions[]
  /** Must be among the token's audiences. */
  audience: string
  /** What this service is called: told to the issuer when keys are fetched, so that a rotation can wait for it. */
  name?: string
  /** Pull the revocation feed; on unless told otherwise. */
  revocations?: boolean
  /** Within how long a revocation is felt, in seconds: 5, at least 3. */
  pollSeconds?: number
  /** How old the feed may be: 300, at least 60. */
  maxStalenessSeconds?: number
  /** Past it: answer 503, or accept the token and count it. */
  whenStale?: 'refuse' | 'accept'
  /** Clock difference allowed for `exp`, `iat` and `nbf`: 10, at most 60. */
  leewaySeconds?: number
  /** Told of every fetch that failed. Tokens go on being judged by what is known. */
  onError?: (error: Error) => void
  fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** For tests. */
  now?: () => Date
  /** For tests. */
  timers?: Timers
}

export interface Timers {
  /** Calls `work` once, after so many milliseconds; the answer calls it off. Must not keep the process alive. */
  after(milliseconds: number, work: () => Promise<void>): () => void
}

/** What a route asks of a token. */
export interface Needs {
  /** All of them. */
  scopes?: readonly string[]
  /** One of them. */
  roles?: readonly string[]
}

export interface VerifiedToken {
  subject: string
  /** None for a shared secret whose tokens name no issuer. */
  issuer: string | undefined
  scopes: readonly string[]
  roles: readonly string[]
  /** Everything, as it came. */
  claims: Readonly<Record<string, unknown>>
}

export type Verdict =
  | 'missing'
  | 'too_large'
  | 'malformed'
  | 'unknown_issuer'
  | 'algorithm'
  | 'type'
  | 'unavailable'
  | 'unknown_key'
  | 'signature'
  | 'claims'
  | 'audience'
  | 'expired'
  | 'not_yet_valid'
  | 'revoked'
  | 'stale'
  | 'insufficient_scope'

/** Why a token is not taken. `verdict` is for the log; the rest is the answer to the caller (RFC 6750 §3). */
export class TokenError extends Error {
  constructor(verdict: Verdict, needs?: Needs)
  readonly verdict: Verdict
  readonly status: 401 | 403 | 503
  /** For `WWW-Authenticate`. */
  readonly challenge: string | undefined
  readonly retryAfterSeconds: number | undefined
  /** Status, headers and JSON text, ready to be sent. */
  readonly answer: { status: number; headers: Record<string, string>; body: string }
}

export interface IssuerStatus {
  issuer: string
  /** Since its keys were fetched; undefined if they never were. */
  keysAgeSeconds: number | undefined
  /** Since it read its stores, by its own word; undefined if its feed was never read, or is not wanted. */
  feedAgeSeconds: number | undefined
}

export interface Verifier {
  /** Fetches keys and feeds, then polls in the background. Does not fail while an issuer is down. */
  start(): Promise<void>
  /** @throws {TokenError} */
  verify(token: string, needs?: Needs): Promise<VerifiedToken>
  /** The token of an `Authorization` header. @throws {TokenError} */
  authenticate(authorization: string | null | undefined, needs?: Needs): Promise<VerifiedToken>
  stop(): void
  /** How many tokens were accepted though the feed was too old. */
  readonly staleAccepted: number
  status(): IssuerStatus[]
}

/** @throws {TypeError} for options that make no sense */
export function createVerifier(options: VerifierOptions): Verifier

/** Types of the verifier. The options and verdicts are the same in every language: ../../README.md. */

/** An issuer that publishes its keys. */
export interface KeyIssuer {
  /** Must equal `iss` exactly. */
  issuer: string
  /** Default: the verifier's audience. */
  audience?: string
  /** The `typ` headers of this issuer's access tokens. Default: `at+jwt`. */
  types?: readonly string[]
  /** Default: `jwks_uri` of the issuer's metadata. */
  jwksUri?: string
  /** Default: `revocations_uri` of the issuer's metadata. */
  revocationsUri?: string
  /** Set to false if the issuer has no revocation feed. */
  revocations?: boolean
}

/** An issuer that is trusted until a date. Use it while you migrate from another issuer. */
interface UntilDate {
  /** Tokens of this issuer are rejected from this time on. */
  until: Date
  /** If unset, the entry applies to tokens without `iss`. */
  issuer?: string
  /** If unset, `aud` is not checked. */
  audience?: string
  /** The claim that names the user. Default: `sub`. */
  subjectClaim?: string
  /** The claim with the roles: a list, or a text that is one role. Default: `roles`. */
  rolesClaim?: string
  /**
   * Claims that a token must have, with these values. Use it if other tokens are signed with the same key.
   * A token with a `token_type` other than `access` is always rejected.
   */
  requiredClaims?: Readonly<Record<string, string>>
}

/** A legacy issuer of HS256 tokens. */
export interface SecretIssuer extends UntilDate {
  /** The UTF-8 bytes of this text are the HMAC key. At least 32 bytes. */
  secret: string
}

/** A legacy issuer of RS256 tokens. Their `kid` is ignored. */
export interface PemIssuer extends UntilDate {
  /** The RSA public key, with at least 2,048 bits: the text that begins with `-----BEGIN PUBLIC KEY-----`. */
  pem: string
}

export type LegacyIssuer = SecretIssuer | PemIssuer

export type IssuerOptions = string | KeyIssuer | LegacyIssuer

export interface VerifierOptions {
  issuer: IssuerOptions | readonly IssuerOptions[]
  /** The token's `aud` must include it. */
  audience: string
  /** The name of this service. It is sent with each key fetch, so that a key rotation can wait for it. */
  name?: string
  /** Read the revocation feed. Default: true. */
  revocations?: boolean
  /** The longest time until a revocation takes effect. Default: 5, at least 3. */
  pollSeconds?: number
  /** The feed is stale if it is older than this. Default: 300, at least 60. */
  maxStalenessSeconds?: number
  /** With a stale feed: reject every token with 503 (default), or accept tokens and count them. */
  whenStale?: 'refuse' | 'accept'
  /** The allowed clock difference for `exp`, `iat` and `nbf`. Default: 10, at most 60. */
  leewaySeconds?: number
  /** Called after every failed fetch. The verifier keeps working with the keys and entries that it has. */
  onError?: (error: Error) => void
  /**
   * Called for each request that an adapter refuses, in place of its log line. The log has at most ten lines
   * per verdict and minute; this function gets every request. `() => {}` turns the log off.
   */
  onRefused?: (error: TokenError, request: unknown) => void
  fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Replaces the clock in tests. */
  now?: () => Date
  /** Replaces the timers in tests. */
  timers?: Timers
}

export interface Timers {
  /** Calls `work` once, after `milliseconds`. Returns a function that cancels the call. */
  after(milliseconds: number, work: () => Promise<void>): () => void
}

/** What a route requires of a token. */
export interface Needs {
  /** The token needs all of them. */
  scopes?: readonly string[]
  /** The token needs at least one of them. */
  roles?: readonly string[]
}

export interface VerifiedToken {
  subject: string
  /** Undefined for tokens without `iss` (legacy issuers). */
  issuer: string | undefined
  scopes: readonly string[]
  roles: readonly string[]
  /** The whole payload, unchanged. */
  claims: Readonly<Record<string, unknown>>
}

/**
 * Returns the user of your service to whom the token belongs, or nothing if there is none. Look for the
 * issuer and the subject together. Never look for an e-mail address or a name: people choose these.
 */
export type FindUser<Request = unknown, User = unknown> = (
  token: VerifiedToken,
  request: Request,
) => User | Promise<User>

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
  | 'no_local_user'

/** What the log may name of a token whose signature is valid. */
export interface VerifiedIds {
  iss?: string
  aud?: string | string[]
  kid?: string
  jti?: string
}

/** Why a token was rejected. Log `verdict` and `help`; send `answer` to the caller (RFC 6750 §3). */
export class TokenError extends Error {
  constructor(verdict: Verdict, needs?: Needs, verified?: VerifiedIds)
  readonly verdict: Verdict
  /** What helps, for your log. */
  readonly help: string
  /** Undefined if the signature was not verified. */
  readonly verified: VerifiedIds | undefined
  /** The `code` of the answer. */
  readonly code:
    | 'token_required'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'no_local_user'
    | 'temporarily_unavailable'
  readonly status: 401 | 403 | 503
  /** The value for `WWW-Authenticate`. */
  readonly challenge: string | undefined
  readonly retryAfterSeconds: number | undefined
  /** Status, headers and the text of the problem document (RFC 9457), ready to send. */
  readonly answer: { status: number; headers: Record<string, string>; body: string }
}

/** A line of the log, without the token. */
export interface Refusal extends VerifiedIds {
  verdict: Verdict
  status: 401 | 403 | 503
  help: string
  /** Lines with the same verdict that were left out before this one. */
  notLogged?: number
}

export type RefusalLog = (level: 'debug' | 'warn' | 'error', refusal: Refusal) => void

export type LogRefusal = (error: TokenError, request: unknown, log?: RefusalLog) => void

export interface IssuerStatus {
  issuer: string
  /** Time since the keys were last fetched. Undefined if they never were. */
  keysAgeSeconds: number | undefined
  /** Time since `as_of` of the feed. Undefined if no feed was ever read, or if `revocations` is off. */
  feedAgeSeconds: number | undefined
}

export interface Verifier {
  /** Fetches keys and feeds, then polls in the background. Resolves even if an issuer is down. */
  start(): Promise<void>
  /** Checks a token. @throws {TokenError} */
  verify(token: string, needs?: Needs): Promise<VerifiedToken>
  /** Checks the token of an `Authorization` header. @throws {TokenError} */
  authenticate(authorization: string | null | undefined, needs?: Needs): Promise<VerifiedToken>
  /**
   * The adapters call this for each refused request. It calls `onRefused`, or else writes a line to `log`,
   * which is `console` by default.
   */
  logRefusal: LogRefusal
  /** Stops polling. */
  stop(): void
  /** The number of tokens accepted with a stale feed. */
  readonly staleAccepted: number
  status(): IssuerStatus[]
}

/** @throws {TypeError} if the options are invalid */
export function createVerifier(options: VerifierOptions): Verifier

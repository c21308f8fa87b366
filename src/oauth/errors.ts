// The errors of the OAuth routes: one constructor per RFC code. The client reads `description`. The log holds
// the reason, which the client never sees.

export class OAuthError extends Error {
  readonly code: string
  readonly status: number
  readonly description: string
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: string,
    status: number,
    description: string,
    reason?: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(reason ?? description)
    this.code = code
    this.status = status
    this.description = description
    this.headers = headers
  }
}

/** The description tells the client's developer what to fix (RFC 6749 §5.2). */
export const invalidRequest = (description: string) => new OAuthError('invalid_request', 400, description)

/** The client does not learn which check of the code or refresh token failed (RFC 6749 §5.2). */
export const invalidGrant = (reason: string) =>
  new OAuthError('invalid_grant', 400, 'The grant is invalid, expired, revoked or already used.', reason)

/** Set `challenge` only if the client used the Authorization header (RFC 6749 §5.2). */
export const invalidClient = (reason: string, options: { challenge: boolean; retryAfterSeconds?: number }) =>
  new OAuthError('invalid_client', 401, 'Client authentication failed.', reason, {
    ...(options.challenge && { 'www-authenticate': 'Basic realm="dojang", charset="UTF-8"' }),
    ...(options.retryAfterSeconds !== undefined && { 'retry-after': String(options.retryAfterSeconds) }),
  })

export const unauthorizedClient = (description: string) =>
  new OAuthError('unauthorized_client', 400, description)

export const unsupportedGrantType = () =>
  new OAuthError('unsupported_grant_type', 400, 'This grant type is not supported.')

export const invalidScope = (description: string) => new OAuthError('invalid_scope', 400, description)

/** OIDC Core §3.1.2.6. */
export const loginRequired = () => new OAuthError('login_required', 400, 'The user has to sign in.')

/** RFC 8707 §2. */
export const invalidTarget = () =>
  new OAuthError('invalid_target', 400, 'The client may not request tokens for this resource.')

/** A bearer challenge. Leave out `problem` if the request had no token (RFC 6750 §3.1). */
export const bearerChallenge = ({
  problem,
  scope,
  reason,
}: {
  problem?: 'invalid_token' | 'insufficient_scope'
  scope?: string
  reason?: string
}) =>
  new OAuthError(
    problem ?? 'invalid_token',
    problem === 'insufficient_scope' ? 403 : 401,
    problem === 'insufficient_scope'
      ? 'The access token does not have the required scope.'
      : 'The access token is missing, invalid or expired.',
    reason,
    {
      'www-authenticate': [
        'Bearer realm="dojang"',
        ...(problem ? [`error="${problem}"`] : []),
        ...(scope ? [`scope="${scope}"`] : []),
      ].join(', '),
    },
  )

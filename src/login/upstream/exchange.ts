// Exchanges a code for tokens with arctic: adds the fields that arctic omits, and translates its errors.
import { ArcticFetchError, OAuth2RequestError, type OAuth2Tokens } from 'arctic'
import { Unavailable } from '../../unavailable.ts'
import { through } from './arctic-fetch.ts'
import type { GuardedFetch } from './guarded-fetch.ts'
import { UpstreamRefusal } from './provider.ts'

/** Only these codes are logged (RFC 6749 §5.2). Kakao's error descriptions contain the authorization code. */
const loggableErrors = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'redirect_uri_mismatch',
]

const withFields =
  (fetch: GuardedFetch, fields: Readonly<Record<string, string>>): GuardedFetch =>
  async (input, init) => {
    const request = new Request(input, init)
    const body = new URLSearchParams(await request.text())
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    return fetch(request.url, { method: request.method, headers: request.headers, body: body.toString() })
  }

/** The error to throw in place of arctic's. */
const translateError = (error: unknown): UpstreamRefusal | Unavailable => {
  const cause = error instanceof ArcticFetchError ? error.cause : error
  if (cause instanceof UpstreamRefusal || cause instanceof Unavailable) return cause
  if (cause instanceof OAuth2RequestError) {
    const code = loggableErrors.includes(cause.code) ? cause.code : 'unknown error'
    return new UpstreamRefusal(`the provider refused the code: ${code}`)
  }
  return new UpstreamRefusal('the token response is malformed')
}

/**
 * @param fields form fields that arctic does not send, such as `code_verifier` and `state`
 * @throws {UpstreamRefusal | Unavailable}
 */
export const exchange = async (
  fetch: GuardedFetch,
  fields: Readonly<Record<string, string>>,
  call: () => Promise<OAuth2Tokens>,
): Promise<{ accessToken: string; idToken: string | undefined; refreshToken: string | undefined }> => {
  try {
    const tokens = await through(withFields(fetch, fields), call)
    return {
      accessToken: tokens.accessToken(),
      idToken: 'id_token' in tokens.data ? tokens.idToken() : undefined,
      refreshToken: tokens.hasRefreshToken() ? tokens.refreshToken() : undefined,
    }
  } catch (error) {
    throw translateError(error)
  }
}

// Turns a verdict into the answer to the caller. The answer says no more than RFC 6750 §3 requires.
import { helpFor } from './refusals.js'

/** @import { Needs, TokenError as Shape, Verdict, VerifiedIds } from './verifier.d.ts' */
/** @typedef {Shape['code']} Code */

const retryAfterSeconds = 2

/** @type {Record<401 | 403 | 503, string>} */
const titles = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' }

/** What the caller reads. It is the same for every invalid token. @type {Record<Code, string>} */
const details = {
  token_required: 'This request needs an access token.',
  invalid_token: 'The access token is not valid. It may have expired.',
  insufficient_scope: 'The access token does not allow this request.',
  no_local_user: 'This user has no account in this service.',
  temporarily_unavailable: 'Access tokens cannot be checked now. Try again shortly.',
}

/** @type {(verdict: Verdict) => Code} */
const codeOf = (verdict) => {
  if (verdict === 'missing') return 'token_required'
  if (verdict === 'unavailable' || verdict === 'stale') return 'temporarily_unavailable'
  return verdict === 'insufficient_scope' || verdict === 'no_local_user' ? verdict : 'invalid_token'
}

/** @type {(code: Code) => 401 | 403 | 503} */
const statusOf = (code) => {
  if (code === 'temporarily_unavailable') return 503
  return code === 'insufficient_scope' || code === 'no_local_user' ? 403 : 401
}

/** @type {(code: Code, needs: Needs) => string | undefined} */
const challengeOf = (code, { scopes = [] }) => {
  // A request without credentials gets no error code (RFC 6750 §3.1).
  if (code === 'token_required') return 'Bearer'
  if (code === 'invalid_token') return 'Bearer error="invalid_token"'
  // Another token does not help in the other two cases.
  if (code !== 'insufficient_scope') return undefined
  return `Bearer error="insufficient_scope"${scopes.length > 0 ? `, scope="${scopes.join(' ')}"` : ''}`
}

/** @implements {Shape} */
export class TokenError extends Error {
  /**
   * @param {Verdict} verdict
   * @param {Needs} [needs]
   * @param {VerifiedIds} [verified]
   */
  constructor(verdict, needs = {}, verified = undefined) {
    super(`token rejected: ${verdict}`)
    this.name = 'TokenError'
    this.verdict = verdict
    this.verified = verified
    this.code = codeOf(verdict)
    this.status = statusOf(this.code)
    this.challenge = challengeOf(this.code, needs)
    this.retryAfterSeconds = this.status === 503 ? retryAfterSeconds : undefined
  }

  get help() {
    return helpFor[this.verdict]
  }

  get answer() {
    const { status, code } = this
    return {
      status,
      headers: {
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
        ...(this.challenge !== undefined && { 'www-authenticate': this.challenge }),
        ...(this.retryAfterSeconds !== undefined && { 'retry-after': String(this.retryAfterSeconds) }),
      },
      body: JSON.stringify({
        type: 'about:blank',
        title: titles[status],
        status,
        code,
        detail: details[code],
      }),
    }
  }
}

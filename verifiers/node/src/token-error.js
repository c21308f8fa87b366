// Turns a verdict into the answer to the caller. The answer says no more than RFC 6750 §3 requires.

/** @import { Needs, TokenError as Shape, Verdict } from './verifier.d.ts' */

const retryAfterSeconds = 2

/** @type {(verdict: Verdict) => 401 | 403 | 503} */
const statusOf = (verdict) => {
  if (verdict === 'unavailable' || verdict === 'stale') return 503
  return verdict === 'insufficient_scope' ? 403 : 401
}

/** @type {(verdict: Verdict, needs: Needs) => string | undefined} */
const challengeOf = (verdict, { scopes = [] }) => {
  // A request without credentials gets no error code (RFC 6750 §3.1).
  if (verdict === 'missing') return 'Bearer'
  if (statusOf(verdict) === 503) return undefined
  if (verdict !== 'insufficient_scope') return 'Bearer error="invalid_token"'
  return `Bearer error="insufficient_scope"${scopes.length > 0 ? `, scope="${scopes.join(' ')}"` : ''}`
}

/** @type {(verdict: Verdict) => { error?: string }} */
const bodyOf = (verdict) => {
  if (verdict === 'missing') return {}
  if (statusOf(verdict) === 503) return { error: 'temporarily_unavailable' }
  return { error: verdict === 'insufficient_scope' ? verdict : 'invalid_token' }
}

/** @implements {Shape} */
export class TokenError extends Error {
  /**
   * @param {Verdict} verdict
   * @param {Needs} [needs]
   */
  constructor(verdict, needs = {}) {
    super(`token rejected: ${verdict}`)
    this.name = 'TokenError'
    this.verdict = verdict
    this.status = statusOf(verdict)
    this.challenge = challengeOf(verdict, needs)
    this.retryAfterSeconds = this.status === 503 ? retryAfterSeconds : undefined
  }

  get answer() {
    return {
      status: this.status,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        ...(this.challenge !== undefined && { 'www-authenticate': this.challenge }),
        ...(this.retryAfterSeconds !== undefined && { 'retry-after': String(this.retryAfterSeconds) }),
      },
      body: JSON.stringify(bodyOf(this.verdict)),
    }
  }
}

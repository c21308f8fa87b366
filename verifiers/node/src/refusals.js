// Writes to the log why a request was refused, and what helps. No line has a token, nor a claim of a token
// whose signature does not match.

/** @import { LogRefusal, RefusalLog, TokenError, Verdict, VerifierOptions } from './verifier.d.ts' */

const pauseMs = 60_000
/** For each verdict, so that a flood of one kind does not hide the others. */
const linesPerPause = 10

/**
 * For the operator of the service. ../../README.md lists the same sentences.
 * @type {Record<Verdict, string>}
 */
export const helpFor = {
  missing: 'The request has no bearer token.',
  too_large: 'The token has more than 8192 characters. Put fewer claims into it.',
  malformed: 'The token is not a JWT. Send the access token as the issuer returned it.',
  unknown_issuer: 'The options have no issuer that equals the iss of the token. Compare every character.',
  algorithm:
    'The alg of the token does not fit its issuer: RS256 with public keys or a PEM file, HS256 with a shared secret.',
  type: 'The token is not an access token. Do not send an ID token or a refresh token.',
  unavailable:
    'The keys of the issuer were not fetched in the last hour. Check that this service reaches it.',
  unknown_key:
    'The issuer does not publish the key of the token. Check that the token comes from this issuer.',
  signature: 'The signature does not match the key. The token was changed, or its signer has another key.',
  claims: 'A required claim is missing or has a wrong type.',
  audience: 'The token is for another API. Get a token for the audience of this service.',
  expired: 'The token has expired. The client must refresh it.',
  not_yet_valid: 'The token is not valid yet. Check the clocks of this machine and of the issuer.',
  revoked: 'The token was revoked, for example by a logout, or its user is not active.',
  stale: 'The revocation feed is too old. Check that this service reaches the issuer.',
  insufficient_scope: 'The token lacks a scope or a role that this route needs.',
  no_local_user: 'The token is valid, but this service found no user for it.',
}

/** @type {(error: TokenError) => 'debug' | 'warn' | 'error'} */
const levelOf = ({ verdict, status }) => {
  // Every visitor who is not signed in sends such a request.
  if (verdict === 'missing') return 'debug'
  return status === 503 ? 'error' : 'warn'
}

/** The log of an adapter whose framework has none. @type {RefusalLog} */
export const consoleLog = (level, { help, ...refusal }) => {
  // Node prints console.debug too, so leave it out.
  if (level !== 'debug') console[level](`Refused a request. ${help} ${JSON.stringify(refusal)}`)
}

/** @typedef {{ onRefused: VerifierOptions['onRefused'], onError: (error: Error) => void }} Hooks */

/** @type {(options: Hooks & { now: () => number }) => LogRefusal} */
export const createRefusalLog = ({ onRefused, onError, now }) => {
  /** @type {Map<Verdict, { until: number, lines: number, notLogged: number }>} */
  const counts = new Map()

  /**
   * The number of lines that were left out before this one. Undefined if this one is left out too.
   * @type {(verdict: Verdict) => number | undefined}
   */
  const notLoggedBefore = (verdict) => {
    const count = counts.get(verdict)
    if (count === undefined || now() >= count.until) {
      counts.set(verdict, { until: now() + pauseMs, lines: 1, notLogged: 0 })
      return count?.notLogged ?? 0
    }
    count.lines += 1
    if (count.lines <= linesPerPause) return 0
    count.notLogged += 1
    return undefined
  }

  return (error, request, log = consoleLog) => {
    const { verdict, status, help, verified } = error
    if (onRefused !== undefined) {
      // Nobody waits for it. An error of an async function would otherwise end the process.
      const report = async () => onRefused(error, request)
      report().catch((failure) => onError(failure instanceof Error ? failure : new Error(String(failure))))
      return
    }
    const notLogged = notLoggedBefore(verdict)
    if (notLogged === undefined) return
    log(levelOf(error), { verdict, status, help, ...verified, ...(notLogged > 0 && { notLogged }) })
  }
}

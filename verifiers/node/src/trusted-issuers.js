// Prepares the issuers of the options: the keys, the feed and the algorithm of each.
import { createIssuerKeys } from './issuer-keys.js'
import { createRevocationFeed } from './revocation-feed.js'
import { TokenError } from './token-error.js'

/** @import { CryptoKey } from 'jose' */
/** @import { GetDocument } from './documents.js' */
/** @import { IssuerKeys } from './issuer-keys.js' */
/** @import { RevocationFeed } from './revocation-feed.js' */
/** @import { KeyIssuer, SecretIssuer } from './verifier.d.ts' */

/**
 * @typedef {object} TrustedKeyIssuer
 * @property {'RS256'} alg
 * @property {KeyIssuer} issuer
 * @property {string[]} types
 * @property {IssuerKeys} keys
 * @property {RevocationFeed | undefined} feed
 */
/** @typedef {{ alg: 'HS256', issuer: SecretIssuer, secret: Uint8Array }} TrustedSecretIssuer */
/** @typedef {TrustedKeyIssuer | TrustedSecretIssuer} TrustedIssuer */

/**
 * @typedef {object} Dependencies
 * @property {GetDocument} get
 * @property {string | undefined} name
 * @property {boolean} revocations
 * @property {() => number} now
 */

/**
 * Ignores case and the prefix `application/` (RFC 9068 §2.1).
 * @type {(typ: unknown) => string | undefined}
 */
const normalizedType = (typ) =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined

/** @type {(issuer: KeyIssuer, dependencies: Dependencies) => TrustedKeyIssuer} */
const trustKeys = (issuer, { get, name, revocations, now }) => {
  const readsFeed = revocations && issuer.revocations !== false
  const keys = createIssuerKeys({ issuer: { ...issuer, revocations: readsFeed }, get, name, now })
  const feed = readsFeed ? createRevocationFeed({ issuer: issuer.issuer, keys, get, now }) : undefined
  const types = (issuer.types ?? ['at+jwt']).map((typ) => normalizedType(typ) ?? '')
  return { alg: 'RS256', issuer, types, keys, feed }
}

/** @type {(issuer: SecretIssuer) => TrustedSecretIssuer} */
const trustSecret = (issuer) => ({ alg: 'HS256', issuer, secret: new TextEncoder().encode(issuer.secret) })

/** @type {(issuer: KeyIssuer | SecretIssuer, dependencies: Dependencies) => TrustedIssuer} */
export const trustIssuer = (issuer, dependencies) =>
  'secret' in issuer ? trustSecret(issuer) : trustKeys(issuer, dependencies)

/**
 * Finds the issuer by `iss` and `alg` of the token, which are not verified yet.
 * @param {readonly TrustedIssuer[]} trusted
 * @param {{ iss: unknown, alg: unknown }} token
 * @param {number} now
 * @returns {TrustedIssuer}
 */
export const issuerOf = (trusted, { iss, alg }, now) => {
  const found = trusted.find((each) => each.issuer.issuer === iss)
  const isOver = found?.alg === 'HS256' && found.issuer.until.getTime() <= now
  if (found === undefined || isOver) throw new TokenError('unknown_issuer')
  // The options decide the algorithm of an issuer, not the token (RFC 8725 §3.1).
  if (found.alg !== alg) throw new TokenError('algorithm')
  return found
}

/** @type {(from: TrustedIssuer, typ: unknown) => boolean} */
export const isAccessTokenType = (from, typ) => {
  if (from.alg === 'RS256') return from.types.includes(normalizedType(typ) ?? '')
  return typ === undefined || normalizedType(typ) === 'jwt'
}

/** @type {(from: TrustedIssuer, kid: unknown) => Promise<CryptoKey | Uint8Array>} */
export const verificationKey = async (from, kid) => {
  if (from.alg === 'HS256') return from.secret
  const key = from.keys.known(kid) ?? (await from.keys.find(kid))
  if (key === 'unavailable') throw new TokenError('unavailable')
  if (key === undefined) throw new TokenError('unknown_key')
  return key
}

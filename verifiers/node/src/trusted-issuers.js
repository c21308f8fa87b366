// Prepares the issuers of the options: the keys, the feed and the algorithm of each.
import { createIssuerKeys } from './issuer-keys.js'
import { publicKeyOf } from './public-key.js'
import { createRevocationFeed } from './revocation-feed.js'
import { TokenError } from './token-error.js'

/** @import { KeyObject } from 'node:crypto' */
/** @import { CryptoKey } from 'jose' */
/** @import { GetDocument } from './documents.js' */
/** @import { IssuerKeys } from './issuer-keys.js' */
/** @import { RevocationFeed } from './revocation-feed.js' */
/** @import { KeyIssuer, LegacyIssuer } from './verifier.d.ts' */

/**
 * @typedef {object} TrustedKeyIssuer
 * @property {'published'} kind
 * @property {'RS256'} alg
 * @property {KeyIssuer} issuer
 * @property {string[]} types
 * @property {IssuerKeys} keys
 * @property {RevocationFeed | undefined} feed
 */
/**
 * @typedef {object} TrustedLegacyIssuer
 * @property {'legacy'} kind
 * @property {'HS256' | 'RS256'} alg
 * @property {LegacyIssuer} issuer
 * @property {Uint8Array | KeyObject} key
 */
/** @typedef {TrustedKeyIssuer | TrustedLegacyIssuer} TrustedIssuer */

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
  return { kind: 'published', alg: 'RS256', issuer, types, keys, feed }
}

/** @type {(issuer: LegacyIssuer) => TrustedLegacyIssuer} */
const trustLegacy = (issuer) => {
  if ('secret' in issuer)
    return { kind: 'legacy', alg: 'HS256', issuer, key: new TextEncoder().encode(issuer.secret) }
  const key = publicKeyOf(issuer.pem)
  if (key === undefined) throw new TypeError('createVerifier: pem is not an RSA public key')
  return { kind: 'legacy', alg: 'RS256', issuer, key }
}

/** @type {(issuer: KeyIssuer | LegacyIssuer, dependencies: Dependencies) => TrustedIssuer} */
export const trustIssuer = (issuer, dependencies) =>
  'until' in issuer ? trustLegacy(issuer) : trustKeys(issuer, dependencies)

/**
 * Finds the issuer by `iss` and `alg` of the token, which are not verified yet.
 * @param {readonly TrustedIssuer[]} trusted
 * @param {{ iss: unknown, alg: unknown }} token
 * @param {number} now
 * @returns {TrustedIssuer}
 */
export const issuerOf = (trusted, { iss, alg }, now) => {
  const found = trusted.find((each) => each.issuer.issuer === iss)
  const isOver = found?.kind === 'legacy' && found.issuer.until.getTime() <= now
  if (found === undefined || isOver) throw new TokenError('unknown_issuer')
  // The options decide the algorithm of an issuer, not the token (RFC 8725 §3.1).
  if (found.alg !== alg) throw new TokenError('algorithm')
  return found
}

/** @type {(from: TrustedIssuer, typ: unknown) => boolean} */
export const isAccessTokenType = (from, typ) => {
  if (from.kind === 'published') return from.types.includes(normalizedType(typ) ?? '')
  return typ === undefined || normalizedType(typ) === 'jwt'
}

/** @type {(from: TrustedIssuer, kid: unknown) => Promise<CryptoKey | KeyObject | Uint8Array>} */
export const verificationKey = async (from, kid) => {
  if (from.kind === 'legacy') return from.key
  const key = from.keys.known(kid) ?? (await from.keys.find(kid))
  if (key === 'unavailable') throw new TokenError('unavailable')
  if (key === undefined) throw new TokenError('unknown_key')
  return key
}

// Keeps the revocation feed of one issuer in memory. The format and the rules are in docs/revocation-feed.md.
import { createHash } from 'node:crypto'
import { isNumber, isObject } from './json-values.js'
import { readJwt, signatureMatches } from './jwt.js'

/** @import { GetDocument } from './documents.js' */
/** @import { IssuerKeys } from './issuer-keys.js' */

const maxBytes = 16 * 1_048_576
/** How far the issuer's clock may be ahead of this machine's. */
const leewaySeconds = 60

const kinds = /** @type {const} */ (['jti', 'sid', 'sub', 'client_id', 'kid'])
/** @typedef {(typeof kinds)[number]} Kind */
/**
 * Revokes tokens issued at or before `cutoff`, which is infinite if the feed has none.
 * @typedef {{ exp: number, cutoff: number }} Entry
 */

/**
 * @typedef {object} RevocationFeed
 * @property {() => Promise<void>} poll Rejects if it fails; the known entries stay in use.
 * @property {(claims: Record<string, unknown>, kid: unknown) => boolean} isRevoked
 * @property {() => number | undefined} asOf When the issuer last read its stores, in seconds since 1970.
 */

/** @type {(kind: Kind, value: string) => string} */
const publishedName = (kind, value) =>
  kind === 'kid'
    ? value
    : createHash('sha256').update(`${kind}:${value}`).digest().subarray(0, 16).toString('base64url')

/**
 * All entries, or undefined if one is invalid.
 * @type {(revoked: unknown) => [Kind, string, Entry][] | undefined}
 */
const entriesOf = (revoked) => {
  if (!isObject(revoked)) return undefined
  /** @type {[Kind, string, Entry][]} */
  const entries = []
  for (const kind of kinds) {
    const list = revoked[kind] ?? {}
    if (!isObject(list)) return undefined
    for (const [name, entry] of Object.entries(list)) {
      if (!isObject(entry)) return undefined
      const { exp, cutoff = Number.POSITIVE_INFINITY } = entry
      if (!isNumber(exp) || typeof cutoff !== 'number') return undefined
      entries.push([kind, name, { exp, cutoff }])
    }
  }
  return entries
}

/**
 * @param {{ issuer: string, keys: IssuerKeys, get: GetDocument, now: () => number }} options
 * @returns {RevocationFeed}
 */
export const createRevocationFeed = ({ issuer, keys, get, now }) => {
  /** @type {Record<Kind, Map<string, Entry>>} */
  const lists = { jti: new Map(), sid: new Map(), sub: new Map(), client_id: new Map(), kid: new Map() }
  /** @type {string | undefined} */
  let cursor
  /** @type {string | undefined} */
  let etag
  /** @type {number | undefined} */
  let asOf
  /** @type {Promise<void> | undefined} */
  let polling

  /** The payload, if the document is valid. @type {(body: string) => Promise<Record<string, unknown>>} */
  const verifiedPayload = async (body) => {
    const jwt = readJwt(body)
    if (jwt === undefined) throw new Error(`The revocation feed of ${issuer} is not a JWT`)
    const { header, payload } = jwt
    if (header.alg !== 'RS256' || header.typ !== 'revocations+jwt')
      throw new Error(`The revocation feed of ${issuer} has the wrong alg or typ`)
    if (keys.known(header.kid) === undefined) await keys.load()
    const key = keys.known(header.kid)
    // A revoked key must not sign the feed, even if the key set in memory still has it.
    if (key === undefined || lists.kid.has(String(header.kid)))
      throw new Error(`The revocation feed of ${issuer} is signed with an unknown or revoked key`)
    if (!(await signatureMatches(body, key, 'RS256')))
      throw new Error(`The revocation feed of ${issuer} has an invalid signature`)
    const { iss, iat, exp, revoked } = payload
    if (isObject(revoked) && isObject(revoked.kid) && Object.hasOwn(revoked.kid, String(header.kid)))
      throw new Error(`The revocation feed of ${issuer} is signed with a key that it revokes`)
    const seconds = now() / 1000
    if (iss !== issuer) throw new Error(`The revocation feed of ${issuer} names another issuer in iss`)
    if (!isNumber(iat) || iat > seconds + leewaySeconds)
      throw new Error(`The revocation feed of ${issuer} has an iat in the future. Check the clocks.`)
    if (!isNumber(exp) || exp <= seconds) throw new Error(`The revocation feed of ${issuer} has expired`)
    return payload
  }

  const read = async () => {
    const uri = await keys.revocationsUri()
    if (uri === undefined)
      throw new Error(`${issuer} has no revocation feed. Set revocations: false for this issuer.`)
    const url = new URL(uri)
    if (cursor !== undefined) url.searchParams.set('since', cursor)
    const answer = await get(url.href, {
      maxBytes,
      headers: etag === undefined ? {} : { 'if-none-match': etag },
    })
    if (answer.status === 304) return
    const payload = await verifiedPayload(answer.body)
    const entries = entriesOf(payload.revoked)
    if (entries === undefined || !isNumber(payload.as_of) || typeof payload.cursor !== 'string')
      throw new Error(`The revocation feed of ${issuer} has a missing or invalid claim`)
    for (const [kind, name, { exp, cutoff }] of entries) {
      const old = lists[kind].get(name)
      lists[kind].set(name, {
        exp: Math.max(exp, old?.exp ?? 0),
        cutoff: Math.max(cutoff, old?.cutoff ?? Number.NEGATIVE_INFINITY),
      })
    }
    cursor = payload.cursor
    etag = answer.etag
    asOf = Math.max(payload.as_of, asOf ?? 0)
  }

  const forgetExpired = () => {
    for (const list of Object.values(lists))
      for (const [name, { exp }] of list) if (exp <= now() / 1000) list.delete(name)
  }

  return {
    poll: () => {
      polling ??= read()
        .then(forgetExpired)
        .finally(() => {
          polling = undefined
        })
      return polling
    },
    isRevoked: (claims, kid) =>
      kinds.some((kind) => {
        const list = lists[kind]
        const value = kind === 'kid' ? kid : claims[kind]
        if (list.size === 0 || typeof value !== 'string') return false
        const entry = list.get(publishedName(kind, value))
        return entry !== undefined && Number(claims.iat) <= entry.cutoff
      }),
    asOf: () => asOf,
  }
}

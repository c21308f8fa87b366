// The revocation feed as a service keeps it: pulled, checked and merged by docs/revocation-feed.md of the issuer.
import { createHash } from 'node:crypto'
import { isNumber, isObject } from './json-values.js'
import { readJwt, signatureMatches } from './jwt.js'

/** @import { GetDocument } from './documents.js' */
/** @import { IssuerKeys } from './issuer-keys.js' */

const maxBytes = 16 * 1_048_576
/** How far ahead the issuer's clock may be. */
const leewaySeconds = 60

const kinds = /** @type {const} */ (['jti', 'sid', 'sub', 'client_id', 'kid'])
/** @typedef {(typeof kinds)[number]} Kind */
/** @typedef {{ exp: number, cutoff: number }} Entry An entry without a cut-off has an infinite one. */

/**
 * @typedef {object} Revocations
 * @property {() => Promise<void>} poll Rejects if it fails; what is known stays in force.
 * @property {(claims: Record<string, unknown>, kid: unknown) => boolean} isRevoked
 * @property {() => number | undefined} asOf Seconds since 1970.
 */

/** @type {(kind: Kind, value: string) => string} */
const publishedName = (kind, value) =>
  kind === 'kid'
    ? value
    : createHash('sha256').update(`${kind}:${value}`).digest().subarray(0, 16).toString('base64url')

/** Its entries, or undefined if one is none. @type {(revoked: unknown) => [Kind, string, Entry][] | undefined} */
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

/** @type {(options: { issuer: string, keys: IssuerKeys, get: GetDocument, now: () => number }) => Revocations} */
export const revocations = ({ issuer, keys, get, now }) => {
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

  /** The payload of a document that may be believed. @type {(body: string) => Promise<Record<string, unknown>>} */
  const check = async (body) => {
    const jwt = readJwt(body)
    if (jwt === undefined) throw new Error('the feed is no token')
    const { header, payload } = jwt
    if (header.alg !== 'RS256' || header.typ !== 'revocations+jwt')
      throw new Error('the feed is another token')
    if (keys.known(header.kid) === undefined) await keys.load()
    const key = keys.known(header.kid)
    // A key that was killed does not speak any more, whatever the key set in memory still holds.
    if (key === undefined || lists.kid.has(String(header.kid))) throw new Error('the feed’s key is unknown')
    if (!(await signatureMatches(body, key, 'RS256'))) throw new Error('the feed’s signature is wrong')
    const { iss, iat, exp } = payload
    const seconds = now() / 1000
    if (iss !== issuer) throw new Error('the feed is another issuer’s')
    if (!isNumber(iat) || iat > seconds + leewaySeconds) throw new Error('the feed is from the future')
    if (!isNumber(exp) || exp <= seconds) throw new Error('the feed is past its end')
    return payload
  }

  const read = async () => {
    const uri = await keys.revocationsUri()
    if (uri === undefined)
      throw new Error(`${issuer} has no revocation feed: set revocations to false for it`)
    const url = new URL(uri)
    if (cursor !== undefined) url.searchParams.set('since', cursor)
    const answer = await get(url.href, {
      maxBytes,
      headers: etag === undefined ? {} : { 'if-none-match': etag },
    })
    if (answer.status === 304) return
    const payload = await check(answer.body)
    const entries = entriesOf(payload.revoked)
    if (entries === undefined || !isNumber(payload.as_of) || typeof payload.cursor !== 'string')
      throw new Error('the feed is not what it should be')
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

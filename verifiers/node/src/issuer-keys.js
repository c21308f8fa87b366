// Keeps one issuer's metadata and public keys in memory. An unknown kid triggers an extra fetch.
import { importJWK } from 'jose'

/** @import { CryptoKey } from 'jose' */
/** @import { GetDocument } from './documents.js' */
/** @import { KeyIssuer } from './verifier.d.ts' */

const megabyte = 1_048_576
/** The pause between two fetches for unknown kids. It limits the requests that forged tokens can cause. */
const unknownKidCooldownMs = 30_000
/** Keys that could not be confirmed for this long are not trusted: one of them may have been revoked. */
const maxUnconfirmedMs = 3_600_000
/** The pause between two fetches while no keys are known. */
const retryMs = 2000

/** @typedef {{ jwksUri: string, revocationsUri: string | undefined }} Addresses */

/**
 * @typedef {object} IssuerKeys
 * @property {() => Promise<void>} load Fetches the keys. Rejects if that fails; the old keys stay in use.
 * @property {(kid: unknown) => Promise<CryptoKey | undefined | 'unavailable'>} find
 *   Fetches the keys if the kid is unknown. 'unavailable' if they were not fetched within the last hour.
 * @property {(kid: unknown) => CryptoKey | undefined} known Looks in memory only.
 * @property {() => Promise<string | undefined>} revocationsUri
 * @property {() => number | undefined} fetchedAt
 */

/** One key, or nothing if the verifier cannot use it. @type {(jwk: any) => Promise<[string, CryptoKey][]>} */
const readKey = async (jwk) => {
  const { kty, use = 'sig', alg = 'RS256', kid, n, e } = jwk ?? {}
  if (kty !== 'RSA' || use !== 'sig' || alg !== 'RS256' || typeof kid !== 'string') return []
  if (typeof n !== 'string' || typeof e !== 'string' || Buffer.from(n, 'base64url').length < 256) return []
  try {
    const key = await importJWK({ kty, n, e, alg: 'RS256' }, 'RS256')
    return key instanceof Uint8Array ? [] : [[kid, key]]
  } catch {
    return []
  }
}

/**
 * @param {{ issuer: KeyIssuer, get: GetDocument, name: string | undefined, now: () => number }} options
 * @returns {IssuerKeys}
 */
export const createIssuerKeys = ({ issuer, get, name, now }) => {
  /** @type {Map<string, CryptoKey> | undefined} */
  let keys
  /** @type {Addresses | undefined} */
  let addresses
  /** @type {string | undefined} */
  let etag
  /** @type {number | undefined} */
  let fetchedAt
  /** @type {number | undefined} */
  let triedAt
  /** @type {number | undefined} */
  let askedForUnknownAt
  /** @type {Promise<void> | undefined} */
  let loading

  /** @type {() => Promise<Addresses>} */
  const discover = async () => {
    const { jwksUri, revocationsUri, revocations } = issuer
    if (jwksUri !== undefined && (revocationsUri !== undefined || revocations === false))
      return { jwksUri, revocationsUri }
    const url = `${issuer.issuer}/.well-known/openid-configuration`
    const { body } = await get(url, { maxBytes: megabyte })
    const metadata = JSON.parse(body)
    // RFC 8414 §3.3: otherwise one issuer could present the keys of another.
    if (metadata?.issuer !== issuer.issuer)
      throw new Error(`${url} belongs to another issuer: "issuer" is not ${issuer.issuer}`)
    const found = {
      jwksUri: jwksUri ?? metadata.jwks_uri,
      revocationsUri: revocationsUri ?? metadata.revocations_uri,
    }
    if (typeof found.jwksUri !== 'string')
      throw new Error(`${url} has no "jwks_uri". Set the option jwksUri.`)
    return found
  }

  const read = async () => {
    triedAt = now()
    try {
      addresses ??= await discover()
      const answer = await get(addresses.jwksUri, {
        maxBytes: megabyte,
        headers: {
          ...(name !== undefined && { 'dojang-verifier': name }),
          ...(keys && etag !== undefined && { 'if-none-match': etag }),
        },
      })
      if (answer.status === 200) {
        const set = JSON.parse(answer.body)
        if (!Array.isArray(set?.keys))
          throw new Error(`${addresses.jwksUri} is not a JWK Set: "keys" is not a list`)
        keys = new Map((await Promise.all(set.keys.map(readKey))).flat())
        etag = answer.etag
      }
      fetchedAt = now()
    } catch (error) {
      // The keys may have moved, so read the metadata again next time.
      addresses = undefined
      throw error
    }
  }

  const load = () => {
    loading ??= read().finally(() => {
      loading = undefined
    })
    return loading
  }

  /** @type {(at: number | undefined, milliseconds: number) => boolean} */
  const isPast = (at, milliseconds) => at === undefined || now() - at >= milliseconds

  const isConfirmed = () => keys !== undefined && !isPast(fetchedAt, maxUnconfirmedMs)

  /** @type {(kid: unknown) => CryptoKey | undefined} */
  const known = (kid) => (typeof kid === 'string' && isConfirmed() ? keys?.get(kid) : undefined)

  return {
    load,
    known,
    find: async (kid) => {
      const key = known(kid)
      if (key !== undefined) return key
      if (!isConfirmed()) {
        if (loading || isPast(triedAt, retryMs)) await load().catch(() => undefined)
      } else if (typeof kid === 'string') {
        if (loading) await loading.catch(() => undefined)
        else if (isPast(askedForUnknownAt, unknownKidCooldownMs)) {
          askedForUnknownAt = now()
          await load().catch(() => undefined)
        }
      }
      return isConfirmed() ? known(kid) : 'unavailable'
    },
    revocationsUri: async () => {
      addresses ??= await discover()
      return addresses.revocationsUri
    },
    fetchedAt: () => fetchedAt,
  }
}

// An issuer's addresses and public keys, in memory: fetched in the background, and once for a kid that nobody knows.
import { importJWK } from 'jose'

/** @import { CryptoKey } from 'jose' */
/** @import { GetDocument } from './documents.js' */
/** @import { KeyIssuer } from './verifier.d.ts' */

const megabyte = 1_048_576
/** For an unknown kid the keys are fetched again, but strangers must not make us do so as often as they like. */
const cooldownMs = 30_000
/** Between two tries while there are no keys at all. */
const retryMs = 2000

/** @typedef {{ jwksUri: string, revocationsUri: string | undefined }} Addresses */

/**
 * @typedef {object} IssuerKeys
 * @property {() => Promise<void>} load Rejects if it fails; the old keys stay in force.
 * @property {(kid: unknown) => Promise<CryptoKey | undefined | 'unavailable'>} find
 * @property {(kid: unknown) => CryptoKey | undefined} known
 * @property {() => Promise<string | undefined>} revocationsUri
 * @property {() => number | undefined} fetchedAt
 */

/** Skips what it cannot use; the rest of the set stands. @type {(jwk: any) => Promise<[string, CryptoKey][]>} */
const usable = async (jwk) => {
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

/** @type {(options: { issuer: KeyIssuer, get: GetDocument, name: string | undefined, now: () => number }) => IssuerKeys} */
export const issuerKeys = ({ issuer, get, name, now }) => {
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
    // RFC 8414 §3.3: or any issuer could hand us another's keys.
    if (metadata?.issuer !== issuer.issuer) throw new Error(`${url} speaks for another issuer`)
    const found = {
      jwksUri: jwksUri ?? metadata.jwks_uri,
      revocationsUri: revocationsUri ?? metadata.revocations_uri,
    }
    if (typeof found.jwksUri !== 'string') throw new Error(`${url} names no jwks_uri`)
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
        if (!Array.isArray(set?.keys)) throw new Error(`${addresses.jwksUri} is no key set`)
        keys = new Map((await Promise.all(set.keys.map(usable))).flat())
        etag = answer.etag
      }
      fetchedAt = now()
    } catch (error) {
      // Perhaps the issuer moved them.
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

  /** @type {(kid: unknown) => CryptoKey | undefined} */
  const known = (kid) => (typeof kid === 'string' ? keys?.get(kid) : undefined)

  return {
    load,
    known,
    find: async (kid) => {
      const key = known(kid)
      if (key !== undefined) return key
      if (keys === undefined) {
        if (loading || isPast(triedAt, retryMs)) await load().catch(() => undefined)
      } else if (typeof kid === 'string') {
        if (loading) await loading.catch(() => undefined)
        else if (isPast(askedForUnknownAt, cooldownMs)) {
          askedForUnknownAt = now()
          await load().catch(() => undefined)
        }
      }
      return keys === undefined ? 'unavailable' : known(kid)
    },
    revocationsUri: async () => {
      addresses ??= await discover()
      return addresses.revocationsUri
    },
    fetchedAt: () => fetchedAt,
  }
}

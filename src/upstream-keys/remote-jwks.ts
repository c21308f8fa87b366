// The public keys that somebody else publishes (a provider's JWKS): fetched when needed, kept, fetched again when a token
// names a key that is not among them. What a token must say is foreign-jwt.ts and its callers.

import type { webcrypto } from 'node:crypto'
import { importJWK } from 'jose'
import { type Clock, secondsAfter } from '../clock.ts'
import { isJsonObject } from '../json-object.ts'

export type RemoteKey =
  | { outcome: 'found'; publicKey: webcrypto.CryptoKey }
  /** The publisher has no such key: the token is not theirs. */
  | { outcome: 'unknown' }
  /** We could not ask: nothing is known about the token. */
  | { outcome: 'unavailable' }

export interface RemoteJwks {
  find(kid: string): Promise<RemoteKey>
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Publishers announce a new key before they sign with it, or we meet its `kid` first: either way we ask again. */
const freshSeconds = 3600
/** How long keys are believed that could not be fetched anew. */
const keptSeconds = 86_400
/** Tokens with invented `kid`s must not make us poll; Kakao blocks who asks too often. */
const cooldownSeconds = 30
const retrySeconds = 5
const maxBytes = 65_536

type Keys = ReadonlyMap<string, webcrypto.CryptoKey>

const readCapped = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > maxBytes) throw new Error('The key set is too large.')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** An RSA key for RS256, or undefined: one key that we cannot use does not spoil the others. */
const usableKey = async (jwk: unknown): Promise<[string, webcrypto.CryptoKey] | undefined> => {
  if (!isJsonObject(jwk)) return undefined
  const { kid, kty, n, e, use = 'sig', alg = 'RS256' } = jwk
  if (typeof kid !== 'string' || typeof n !== 'string' || typeof e !== 'string') return undefined
  if (kty !== 'RSA' || use !== 'sig' || alg !== 'RS256') return undefined
  try {
    const publicKey = (await importJWK({ kty, n, e }, 'RS256')) as webcrypto.CryptoKey
    const { modulusLength } = publicKey.algorithm as webcrypto.RsaKeyAlgorithm
    return modulusLength >= 2048 ? [kid, publicKey] : undefined
  } catch {
    return undefined
  }
}

const readKeys = async (text: string): Promise<Keys> => {
  const set: unknown = JSON.parse(text)
  const jwks = isJsonObject(set) && Array.isArray(set.keys) ? set.keys : []
  const keys = new Map(
    (await Promise.all(jwks.slice(0, 50).map(usableKey))).filter((key) => key !== undefined),
  )
  if (keys.size === 0) throw new Error('The key set holds no key that we can use.')
  return keys
}

/** A refused fetch (time, size, a redirect, not 200, not JSON, no usable key) never costs the keys that we have. */
export const createRemoteJwks = (deps: {
  url: string
  clock: Clock
  fetch?: Fetch
  timeoutMs?: number
  /** For the log: keys could not be fetched. */
  failed?(cause: unknown): void
}): RemoteJwks => {
  const { url, clock, fetch: ask = fetch, timeoutMs = 5000 } = deps
  let known: { keys: Keys; fetchedAt: Date } | undefined
  let last: { at: Date; failed: boolean } | undefined
  let fetching: Promise<void> | undefined
  /** When the set was last fetched for a key that it did not hold. */
  let fruitlessAt: Date | undefined

  const fetchKeys = async () => {
    const at = clock.now()
    try {
      const response = await ask(url, {
        headers: { accept: 'application/json' },
        // Not 'follow': a redirect could lead anywhere (ASVS 13.2.4).
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (response.status !== 200) {
        await response.body?.cancel()
        throw new Error(`The key set was answered with ${response.status}.`)
      }
      known = { keys: await readKeys(await readCapped(response)), fetchedAt: at }
      last = { at, failed: false }
    } catch (cause) {
      last = { at, failed: true }
      deps.failed?.(cause)
    }
  }

  const refresh = (): Promise<void> => {
    fetching ??= fetchKeys().finally(() => {
      fetching = undefined
    })
    return fetching
  }

  const isPast = (moment: Date | undefined, seconds: number) =>
    moment === undefined || clock.now() >= secondsAfter(moment, seconds)
  // A fetch that brought what was asked for costs nothing: a publisher that rotates twice in a minute breaks no sign-in.
  const mayAsk = () => (last?.failed ? isPast(last.at, retrySeconds) : isPast(fruitlessAt, cooldownSeconds))
  const isWithin = (seconds: number) =>
    known !== undefined && clock.now() < secondsAfter(known.fetchedAt, seconds)
  const kept = (kid: string) => (isWithin(keptSeconds) ? known?.keys.get(kid) : undefined)

  return {
    find: async (kid) => {
      if ((kept(kid) === undefined || !isWithin(freshSeconds)) && (fetching || mayAsk())) {
        await refresh()
        if (kept(kid) === undefined && last?.failed === false) fruitlessAt = last.at
      }
      const publicKey = kept(kid)
      if (publicKey !== undefined) return { outcome: 'found', publicKey }
      return last?.failed === false ? { outcome: 'unknown' } : { outcome: 'unavailable' }
    },
  }
}

// The public keys in the JWKS of another issuer, such as a provider. They are fetched when needed, cached,
// and fetched again for an unknown `kid`. foreign-jwt.ts verifies tokens with them.

import type { webcrypto } from 'node:crypto'
import { importJWK } from 'jose'
import { type Clock, secondsAfter } from '../clock.ts'
import { isJsonObject } from '../json-object.ts'

export type RemoteKey =
  | { outcome: 'found'; publicKey: webcrypto.CryptoKey }
  /** The publisher does not have this key, so the token is not from the publisher. */
  | { outcome: 'unknown' }
  /** The key set could not be fetched, so the token may be valid. */
  | { outcome: 'unavailable' }

export interface RemoteJwks {
  find(kid: string): Promise<RemoteKey>
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Older cached keys are fetched again before use. An unknown `kid` causes a fetch at any age. */
const freshSeconds = 3600
/** If fetching fails, cached keys are used up to this age. */
const maxAgeSeconds = 86_400
/** Tokens with invented `kid` values must not cause many requests: Kakao blocks clients that do. */
const unknownKidCooldownSeconds = 30
const retrySeconds = 5
const maxBytes = 65_536

type Keys = ReadonlyMap<string, webcrypto.CryptoKey>

/** @throws {Error} if the body has more than `maxBytes` */
const readBody = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > maxBytes) throw new Error(`The key set has more than ${maxBytes} bytes.`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Returns undefined for a key that cannot verify RS256, so that the other keys stay usable. */
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
  if (keys.size === 0) throw new Error('The key set contains no usable RSA key.')
  return keys
}

/** Creates the cache for one JWKS address. A fetch that fails for any reason keeps the cached keys. */
export const createRemoteJwks = (deps: {
  url: string
  clock: Clock
  fetch?: Fetch
  timeoutMs?: number
  /** Called with the cause when the keys cannot be fetched, for the log. */
  failed?(cause: unknown): void
}): RemoteJwks => {
  const { url, clock, fetch: send = fetch, timeoutMs = 5000 } = deps
  let cached: { keys: Keys; fetchedAt: Date } | undefined
  let lastFetch: { at: Date; failed: boolean } | undefined
  let fetching: Promise<void> | undefined
  /** When a fetch last did not return the wanted key. */
  let lastUnknownKidAt: Date | undefined

  const fetchKeys = async () => {
    const at = clock.now()
    try {
      const response = await send(url, {
        headers: { accept: 'application/json' },
        // Do not follow a redirect, which could lead to any host (ASVS 13.2.4).
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (response.status !== 200) {
        await response.body?.cancel()
        throw new Error(`The request for the key set was answered with status ${response.status}.`)
      }
      cached = { keys: await readKeys(await readBody(response)), fetchedAt: at }
      lastFetch = { at, failed: false }
    } catch (cause) {
      lastFetch = { at, failed: true }
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
  // The cooldown starts only if the key was not found, so two rotations in a minute break no sign-in.
  const mayFetch = () =>
    lastFetch?.failed
      ? isPast(lastFetch.at, retrySeconds)
      : isPast(lastUnknownKidAt, unknownKidCooldownSeconds)
  const isYoungerThan = (seconds: number) =>
    cached !== undefined && clock.now() < secondsAfter(cached.fetchedAt, seconds)
  const cachedKey = (kid: string) => (isYoungerThan(maxAgeSeconds) ? cached?.keys.get(kid) : undefined)

  return {
    find: async (kid) => {
      if ((cachedKey(kid) === undefined || !isYoungerThan(freshSeconds)) && (fetching || mayFetch())) {
        await refresh()
        if (cachedKey(kid) === undefined && lastFetch?.failed === false) lastUnknownKidAt = lastFetch.at
      }
      const publicKey = cachedKey(kid)
      if (publicKey !== undefined) return { outcome: 'found', publicKey }
      return lastFetch?.failed === false ? { outcome: 'unknown' } : { outcome: 'unavailable' }
    },
  }
}

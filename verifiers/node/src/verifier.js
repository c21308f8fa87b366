// Checks access tokens offline: signature, type, issuer, audience, times, and the revocation feed, which is pulled in the
// background. The order of the checks and what each is called: ../../README.md.
import { completeSubject, isFor, meets, rolesOf, scopesOf } from './claims.js'
import { documents } from './documents.js'
import { issuerKeys } from './issuer-keys.js'
import { readJwt, signatureMatches } from './jwt.js'
import { readOptions } from './options.js'
import { revocations } from './revocations.js'
import { TokenError } from './token-error.js'

export { TokenError } from './token-error.js'

/** @import { CryptoKey } from 'jose' */
/** @import { KeyIssuer, Needs, SecretIssuer, VerifiedToken, Verifier, VerifierOptions } from './verifier.d.ts' */

const maxTokenLength = 8192
const keysLiveMs = 300_000
const keysRetryMs = 30_000

/** @type {(typ: unknown) => string | undefined} RFC 9068 §2.1: with or without `application/`, in any case. */
const plainType = (typ) =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined

/** @type {(options: VerifierOptions) => Verifier} */
export const createVerifier = (options) => {
  const { issuers, name, whenStale, onError, timers, ...settings } = readOptions(options)
  const { pollSeconds, maxStalenessSeconds, leewaySeconds } = settings
  const now = () => settings.now().getTime()
  const get = documents(settings.fetch)
  let staleAccepted = 0

  /** @type {(issuer: KeyIssuer) => { alg: 'RS256', issuer: KeyIssuer, types: string[], keys: import('./issuer-keys.js').IssuerKeys, feed: import('./revocations.js').Revocations | undefined }} */
  const withKeys = (issuer) => {
    const wanted = settings.revocations && issuer.revocations !== false
    const keys = issuerKeys({ issuer: { ...issuer, revocations: wanted }, get, name, now })
    const feed = wanted ? revocations({ issuer: issuer.issuer, keys, get, now }) : undefined
    const types = (issuer.types ?? ['at+jwt']).map((typ) => plainType(typ) ?? '')
    return { alg: /** @type {const} */ ('RS256'), issuer, types, keys, feed }
  }

  /** @type {(issuer: SecretIssuer) => { alg: 'HS256', issuer: SecretIssuer, secret: Uint8Array }} */
  const withSecret = (issuer) => ({
    alg: /** @type {const} */ ('HS256'),
    issuer,
    secret: new TextEncoder().encode(issuer.secret),
  })

  const trusted = issuers.map((issuer) => ('secret' in issuer ? withSecret(issuer) : withKeys(issuer)))
  const published = trusted.flatMap((each) => (each.alg === 'RS256' ? [each] : []))

  /** @type {Set<() => void>} */
  const pending = new Set()
  let isStopped = false

  /** Now and then for ever, the next time when this one is done. @type {(work: () => Promise<number>) => Promise<void>} */
  const repeat = async (work) => {
    const milliseconds = await work()
    if (isStopped) return
    const cancel = timers.after(milliseconds, () => {
      pending.delete(cancel)
      return repeat(work)
    })
    pending.add(cancel)
  }

  /** @type {(work: () => Promise<void>, times: { done: number, failed: number }) => Promise<number>} */
  const attempt = async (work, { done, failed }) => {
    try {
      await work()
      return done
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)))
      return failed
    }
  }

  // Two seconds are the issuer's: one for its memory, one for HTTP caches.
  const feedMs = Math.max(1, pollSeconds - 2) * 1000

  const begin = async () => {
    await Promise.all(
      published.map(async ({ keys, feed }) => {
        await repeat(() =>
          attempt(keys.load, {
            done: keysLiveMs,
            failed: keys.fetchedAt() === undefined ? feedMs : keysRetryMs,
          }),
        )
        if (feed) await repeat(() => attempt(feed.poll, { done: feedMs, failed: feedMs }))
      }),
    )
  }

  /** @type {Promise<void> | undefined} */
  let beginning
  let hasBegun = false
  const start = () => {
    beginning ??= begin().then(() => {
      hasBegun = true
    })
    return beginning
  }

  /** The issuer whose token this says it is. @type {(iss: unknown, alg: unknown) => (typeof trusted)[number]} */
  const trustedFor = (iss, alg) => {
    const named = trusted.filter(
      (each) => each.issuer.issuer === iss && !(each.alg === 'HS256' && each.issuer.until.getTime() <= now()),
    )
    if (named.length === 0) throw new TokenError('unknown_issuer')
    // The algorithm is the issuer's, never the token's choice (RFC 8725 §3.1).
    const found = named.find((each) => each.alg === alg)
    if (found === undefined) throw new TokenError('algorithm')
    return found
  }

  /** @type {(from: (typeof trusted)[number], header: Record<string, unknown>) => boolean} */
  const isAccessTokenType = (from, { typ }) => {
    if (from.alg === 'RS256') return from.types.includes(plainType(typ) ?? '')
    return typ === undefined || plainType(typ) === 'jwt'
  }

  /** @type {(from: (typeof trusted)[number], kid: unknown) => Promise<CryptoKey | Uint8Array>} */
  const keyFor = async (from, kid) => {
    if (from.alg === 'HS256') return from.secret
    const key = from.keys.known(kid) ?? (await from.keys.find(kid))
    if (key === 'unavailable') throw new TokenError('unavailable')
    if (key === undefined) throw new TokenError('unknown_key')
    return key
  }

  /** @type {(claims: Record<string, unknown>) => void} */
  const checkTimes = ({ exp, iat, nbf }) => {
    const seconds = now() / 1000
    if (Number(exp) <= seconds - leewaySeconds) throw new TokenError('expired')
    for (const moment of [iat, nbf])
      if (moment !== undefined && Number(moment) > seconds + leewaySeconds)
        throw new TokenError('not_yet_valid')
  }

  /** @type {(from: (typeof trusted)[number], claims: Record<string, unknown>, kid: unknown) => void} */
  const checkRevocation = (from, claims, kid) => {
    if (from.alg === 'HS256' || from.feed === undefined) return
    if (from.feed.isRevoked(claims, kid)) throw new TokenError('revoked')
    const asOf = from.feed.asOf()
    if (asOf !== undefined && now() / 1000 - asOf <= maxStalenessSeconds) return
    if (whenStale === 'refuse') throw new TokenError('stale')
    staleAccepted += 1
  }

  /** @type {(token: string, needs?: Needs) => Promise<VerifiedToken>} */
  const verify = async (token, needs = {}) => {
    if (!hasBegun) await start()
    if (typeof token !== 'string' || token === '') throw new TokenError('missing')
    if (token.length > maxTokenLength) throw new TokenError('too_large')
    const jwt = readJwt(token)
    if (jwt === undefined) throw new TokenError('malformed')
    const { header, payload: claims } = jwt
    const from = trustedFor(claims.iss, header.alg)
    if (!isAccessTokenType(from, header)) throw new TokenError('type')
    const key = await keyFor(from, header.kid)
    if (!(await signatureMatches(token, key, from.alg))) throw new TokenError('signature')

    const subject = completeSubject(claims, from.issuer)
    if (subject === undefined) throw new TokenError('claims')
    const audience = from.issuer.audience ?? (from.alg === 'RS256' ? settings.audience : undefined)
    if (audience !== undefined && !isFor(claims, audience)) throw new TokenError('audience')
    checkTimes(claims)
    checkRevocation(from, claims, header.kid)

    const verified = {
      subject,
      issuer: from.issuer.issuer,
      scopes: scopesOf(claims),
      roles: rolesOf(claims),
      claims,
    }
    if (!meets(verified, needs)) throw new TokenError('insufficient_scope', needs)
    return verified
  }

  return {
    start,
    verify,
    authenticate: async (authorization, needs) => {
      const token = /^bearer +(\S.*)$/i.exec(authorization?.trim() ?? '')?.[1]
      if (token === undefined) throw new TokenError('missing')
      return verify(token, needs)
    },
    stop: () => {
      isStopped = true
      for (const cancel of pending) cancel()
      pending.clear()
    },
    get staleAccepted() {
      return staleAccepted
    },
    status: () =>
      published.map(({ issuer, keys, feed }) => {
        const [fetchedAt, asOf] = [keys.fetchedAt(), feed?.asOf()]
        return {
          issuer: issuer.issuer,
          keysAgeSeconds: fetchedAt === undefined ? undefined : (now() - fetchedAt) / 1000,
          feedAgeSeconds: asOf === undefined ? undefined : now() / 1000 - asOf,
        }
      }),
  }
}

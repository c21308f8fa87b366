// Checks access tokens offline, and polls keys and revocation feeds in the background.
// ../../README.md lists the checks in order, with the verdict of each.
import {
  completeSubject,
  hasRequiredClaims,
  idsOf,
  isAccessToken,
  isFor,
  meets,
  rolesOf,
  scopesOf,
} from './claims.js'
import { createDocumentReader } from './documents.js'
import { readJwt, signatureMatches } from './jwt.js'
import { readOptions } from './options.js'
import { createPolling } from './polling.js'
import { createRefusalLog } from './refusals.js'
import { TokenError } from './token-error.js'
import { isAccessTokenType, issuerOf, trustIssuer, verificationKey } from './trusted-issuers.js'

export { TokenError } from './token-error.js'

/** @import { TrustedIssuer } from './trusted-issuers.js' */
/** @import { Needs, Verdict, VerifiedToken, Verifier, VerifierOptions } from './verifier.d.ts' */

const maxTokenLength = 8192
const keysRefreshMs = 300_000
/** The pause after a failed fetch, while older keys are known. */
const keysRetryMs = 30_000

/** @type {(options: VerifierOptions) => Verifier} */
export const createVerifier = (options) => {
  const { issuers, name, revocations, whenStale, onRefused, onError, timers, ...settings } =
    readOptions(options)
  const { pollSeconds, maxStalenessSeconds, leewaySeconds } = settings
  const now = () => settings.now().getTime()
  const get = createDocumentReader(settings.fetch)
  const trusted = issuers.map((issuer) => trustIssuer(issuer, { get, name, revocations, now }))
  const withPublicKeys = trusted.flatMap((each) => (each.kind === 'published' ? [each] : []))
  const polling = createPolling({ timers, onError })
  let staleAccepted = 0

  // Poll 2 s earlier, because a feed may be 2 s old: 1 s in the issuer's memory and 1 s in HTTP caches.
  const feedMs = Math.max(1, pollSeconds - 2) * 1000

  const startPolling = async () => {
    await Promise.all(
      withPublicKeys.map(async ({ keys, feed }) => {
        await polling.repeat(keys.load, () => ({
          done: keysRefreshMs,
          failed: keys.fetchedAt() === undefined ? feedMs : keysRetryMs,
        }))
        if (feed) await polling.repeat(feed.poll, () => ({ done: feedMs, failed: feedMs }))
      }),
    )
  }

  /** @type {Promise<void> | undefined} */
  let starting
  let hasStarted = false
  const start = () => {
    starting ??= startPolling().then(() => {
      hasStarted = true
    })
    return starting
  }

  /** @type {(claims: Record<string, unknown>) => Verdict | undefined} */
  const timeFault = ({ exp, iat, nbf }) => {
    const seconds = now() / 1000
    if (Number(exp) <= seconds - leewaySeconds) return 'expired'
    const isEarly = [iat, nbf].some((start) => start !== undefined && Number(start) > seconds + leewaySeconds)
    return isEarly ? 'not_yet_valid' : undefined
  }

  /** @type {(from: TrustedIssuer, claims: Record<string, unknown>, kid: unknown) => Verdict | undefined} */
  const revocationFault = (from, claims, kid) => {
    if (from.kind === 'legacy' || from.feed === undefined) return undefined
    if (from.feed.isRevoked(claims, kid)) return 'revoked'
    const asOf = from.feed.asOf()
    if (asOf !== undefined && now() / 1000 - asOf <= maxStalenessSeconds) return undefined
    if (whenStale === 'refuse') return 'stale'
    staleAccepted += 1
    return undefined
  }

  /** @type {(from: TrustedIssuer, claims: Record<string, unknown>) => boolean} */
  const isForThisService = (from, claims) => {
    const audience = from.issuer.audience ?? (from.kind === 'published' ? settings.audience : undefined)
    return audience === undefined || isFor(claims, audience)
  }

  /** @type {(token: string, needs?: Needs) => Promise<VerifiedToken>} */
  const verify = async (token, needs = {}) => {
    if (!hasStarted) await start()
    if (typeof token !== 'string' || token === '') throw new TokenError('missing')
    if (token.length > maxTokenLength) throw new TokenError('too_large')
    const jwt = readJwt(token)
    if (jwt === undefined) throw new TokenError('malformed')
    const { header, payload: claims } = jwt
    const from = issuerOf(trusted, { iss: claims.iss, alg: header.alg }, now())
    if (!isAccessTokenType(from, header.typ)) throw new TokenError('type')
    const key = await verificationKey(from, header.kid)
    if (!(await signatureMatches(token, key, from.alg))) throw new TokenError('signature')

    const ids = idsOf(claims, header.kid)
    if (!isAccessToken(claims, from.issuer)) throw new TokenError('type', {}, ids)
    const subject = completeSubject(claims, from.issuer)
    if (subject === undefined || !hasRequiredClaims(claims, from.issuer))
      throw new TokenError('claims', {}, ids)
    if (!isForThisService(from, claims)) throw new TokenError('audience', {}, ids)
    const fault = timeFault(claims) ?? revocationFault(from, claims, header.kid)
    if (fault !== undefined) throw new TokenError(fault, {}, ids)

    const verified = {
      subject,
      issuer: from.issuer.issuer,
      scopes: scopesOf(claims),
      roles: rolesOf(claims, from.issuer),
      claims,
    }
    if (!meets(verified, needs)) throw new TokenError('insufficient_scope', needs, ids)
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
    logRefusal: createRefusalLog({ onRefused, onError, now }),
    stop: polling.stop,
    get staleAccepted() {
      return staleAccepted
    },
    status: () =>
      withPublicKeys.map(({ issuer, keys, feed }) => {
        const [fetchedAt, asOf] = [keys.fetchedAt(), feed?.asOf()]
        return {
          issuer: issuer.issuer,
          keysAgeSeconds: fetchedAt === undefined ? undefined : (now() - fetchedAt) / 1000,
          feedAgeSeconds: asOf === undefined ? undefined : now() / 1000 - asOf,
        }
      }),
  }
}

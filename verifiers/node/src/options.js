// Checks the options when the verifier is created. A wrong option must not lead to accepted tokens later.
import { isFetchable } from './documents.js'
import { isText } from './json-values.js'
import { publicKeyOf } from './public-key.js'

/** @import { IssuerOptions, KeyIssuer, LegacyIssuer, VerifierOptions } from './verifier.d.ts' */

/** @type {(condition: unknown, sentence: string) => asserts condition} */
const must = (condition, sentence) => {
  if (!condition) throw new TypeError(`createVerifier: ${sentence}`)
}

/** @type {(issuer: LegacyIssuer) => void} */
const checkLegacy = (issuer) => {
  must(issuer.issuer === undefined || isText(issuer.issuer), 'issuer must be a string that is not empty')
  must(!('secret' in issuer && 'pem' in issuer), 'an issuer has either secret or pem')
  if ('secret' in issuer)
    must(
      isText(issuer.secret) && Buffer.byteLength(issuer.secret) >= 32,
      'secret must have at least 32 bytes (RFC 7518 §3.2)',
    )
  else
    must(
      publicKeyOf(issuer.pem),
      'pem must be an RSA public key of at least 2,048 bits, which begins with -----BEGIN PUBLIC KEY-----',
    )
  must(
    issuer.until instanceof Date && !Number.isNaN(issuer.until.getTime()),
    'until must be a valid Date: a legacy issuer is trusted for a limited time',
  )
  must(
    issuer.subjectClaim === undefined || isText(issuer.subjectClaim),
    'subjectClaim must be a string that is not empty',
  )
  must(
    issuer.rolesClaim === undefined || isText(issuer.rolesClaim),
    'rolesClaim must be a string that is not empty',
  )
  const { requiredClaims = {} } = issuer
  must(
    typeof requiredClaims === 'object' && Object.values(requiredClaims).every(isText),
    'requiredClaims must be an object of strings that are not empty',
  )
}

/** @type {(given: IssuerOptions) => KeyIssuer | LegacyIssuer} */
const readIssuer = (given) => {
  const issuer = typeof given === 'string' ? { issuer: given } : given
  must(typeof issuer === 'object' && issuer !== null, 'each issuer must be a URL or an object')
  must(
    issuer.audience === undefined || isText(issuer.audience),
    'audience must be a string that is not empty',
  )
  if ('until' in issuer || 'secret' in issuer || 'pem' in issuer) {
    const legacy = /** @type {LegacyIssuer} */ (issuer)
    checkLegacy(legacy)
    return legacy
  }
  must(isText(issuer.issuer), "issuer is missing: set it to the issuer's URL")
  for (const address of [issuer.issuer, issuer.jwksUri, issuer.revocationsUri])
    must(
      address === undefined || (isText(address) && isFetchable(address)),
      `${address} must begin with https:// (http:// is allowed only on this machine)`,
    )
  const { types } = issuer
  must(
    types === undefined || (Array.isArray(types) && types.length > 0 && types.every(isText)),
    'types must be a list of strings, with at least one',
  )
  return issuer
}

/** @type {(name: string, value: number, bounds: { min: number, max?: number }) => number} */
const seconds = (name, value, { min, max = Number.POSITIVE_INFINITY }) => {
  must(
    typeof value === 'number' && value >= min && value <= max,
    `${name} must be ${max < 1e9 ? `from ${min} to ${max}` : `at least ${min}`}`,
  )
  return value
}

/** @param {VerifierOptions} given */
export const readOptions = (given) => {
  must(typeof given === 'object' && given !== null, 'options must be an object')
  const listed = /** @type {readonly IssuerOptions[]} */ (
    Array.isArray(given.issuer) ? given.issuer : [given.issuer]
  )
  must(listed.length > 0 && given.issuer !== undefined, "issuer is missing: set it to the issuer's URL")
  const issuers = listed.map(readIssuer)
  const names = issuers.map((issuer) => issuer.issuer)
  must(new Set(names).size === names.length, 'the list of issuers has the same issuer twice')
  must(
    isText(given.audience),
    'audience is missing: set it to the URL of this API, so that tokens for other APIs are rejected',
  )
  const { name, onRefused, whenStale = 'refuse' } = given
  must(
    name === undefined || /^[\w.-]{1,64}$/.test(name),
    'name must be 1 to 64 characters of A-Z a-z 0-9 . _ -',
  )
  must(whenStale === 'refuse' || whenStale === 'accept', "whenStale must be 'refuse' or 'accept'")
  must(onRefused === undefined || typeof onRefused === 'function', 'onRefused must be a function')
  return {
    issuers,
    name,
    whenStale,
    audience: given.audience,
    revocations: given.revocations ?? true,
    pollSeconds: seconds('pollSeconds', given.pollSeconds ?? 5, { min: 3 }),
    maxStalenessSeconds: seconds('maxStalenessSeconds', given.maxStalenessSeconds ?? 300, { min: 60 }),
    leewaySeconds: seconds('leewaySeconds', given.leewaySeconds ?? 10, { min: 0, max: 60 }),
    onRefused,
    onError: given.onError ?? (() => {}),
    fetch: given.fetch ?? ((url, init) => fetch(url, init)),
    now: given.now ?? (() => new Date()),
    timers: given.timers ?? {
      after: (milliseconds, work) => {
        const timer = setTimeout(() => void work(), milliseconds)
        timer.unref?.()
        return () => clearTimeout(timer)
      },
    },
  }
}

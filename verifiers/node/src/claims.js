// Reads the claims of a payload: required claims, audience, scopes and roles.
import { isNumber, isText } from './json-values.js'

/** @import { KeyIssuer, Needs, LegacyIssuer, VerifiedIds } from './verifier.d.ts' */
/** @typedef {Readonly<Record<string, unknown>>} Claims */

/** @type {(claims: Claims, issuer: KeyIssuer | LegacyIssuer) => string | undefined} */
const subjectOf = (claims, issuer) => {
  if (!('until' in issuer)) return isText(claims.sub) ? claims.sub : undefined
  const value = claims[issuer.subjectClaim ?? 'sub']
  // JavaScript rounds a larger number, so that it could name another user.
  if (isNumber(value)) return Number.isSafeInteger(value) ? String(value) : undefined
  return isText(value) ? value : undefined
}

/**
 * The subject, or undefined if a required claim is missing or has the wrong type.
 * A token of a legacy issuer needs only `exp` and the subject.
 * @type {(claims: Claims, issuer: KeyIssuer | LegacyIssuer) => string | undefined}
 */
export const completeSubject = (claims, issuer) => {
  const { exp, iat, nbf, jti, client_id, sid } = claims
  const isKeyIssuer = !('until' in issuer)
  const complete =
    isNumber(exp) &&
    (isNumber(iat) || (!isKeyIssuer && iat === undefined)) &&
    (nbf === undefined || isNumber(nbf)) &&
    (!isKeyIssuer || (isText(jti) && isText(client_id) && (sid === undefined || isText(sid))))
  return complete ? subjectOf(claims, issuer) : undefined
}

/**
 * False for a refresh token of a legacy issuer. SimpleJWT signs refresh tokens with the same key.
 * @type {(claims: Claims, issuer: KeyIssuer | LegacyIssuer) => boolean}
 */
export const isAccessToken = ({ token_type }, issuer) =>
  !('until' in issuer) || token_type === undefined || token_type === 'access'

/** @type {(claims: Claims, issuer: KeyIssuer | LegacyIssuer) => boolean} */
export const hasRequiredClaims = (claims, issuer) =>
  !('until' in issuer) ||
  Object.entries(issuer.requiredClaims ?? {}).every(
    ([name, value]) => Object.hasOwn(claims, name) && claims[name] === value,
  )

/** @type {(claims: Claims, audience: string) => boolean} */
export const isFor = ({ aud }, audience) => (Array.isArray(aud) ? aud.includes(audience) : aud === audience)

/** @type {(value: unknown) => readonly string[]} */
const texts = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : []

/** @type {(claims: Claims) => readonly string[]} */
export const scopesOf = ({ scope, scopes }) => {
  if (scopes !== undefined) return texts(scopes)
  return typeof scope === 'string' ? scope.split(' ').filter((each) => each !== '') : []
}

/**
 * In a token of a legacy issuer a text is one role.
 * @type {(claims: Claims, issuer: KeyIssuer | LegacyIssuer) => readonly string[]}
 */
export const rolesOf = (claims, issuer) => {
  if (!('until' in issuer)) return texts(claims.roles)
  const value = claims[issuer.rolesClaim ?? 'roles']
  return isText(value) ? [value] : texts(value)
}

/** @type {(token: { scopes: readonly string[], roles: readonly string[] }, needs: Needs) => boolean} */
export const meets = (token, { scopes = [], roles = [] }) =>
  scopes.every((scope) => token.scopes.includes(scope)) &&
  (roles.length === 0 || roles.some((role) => token.roles.includes(role)))

/** @type {(value: unknown) => value is string | string[]} */
const isTexts = (value) =>
  typeof value === 'string' || (Array.isArray(value) && value.every((each) => typeof each === 'string'))

/**
 * The values that the log may name once the signature matches.
 * @type {(claims: Claims, kid: unknown) => VerifiedIds}
 */
export const idsOf = ({ iss, aud, jti }, kid) => ({
  ...(typeof iss === 'string' && { iss }),
  ...(isTexts(aud) && { aud }),
  ...(typeof kid === 'string' && { kid }),
  ...(typeof jti === 'string' && { jti }),
})

// Reads security event tokens (RFC 8417) and finds their signer, app and user. Accepts the older forms that
// providers send, but always checks the signature.

import { epochSeconds, fromEpochSeconds } from '../clock.ts'
import { isJsonObject, type JsonObject } from '../json-object.ts'
import { type InvalidForeignJwt, verifyForeignJwt } from '../upstream-keys/foreign-jwt.ts'
import type { RemoteJwks } from '../upstream-keys/remote-jwks.ts'

/** The sender whose tokens an address accepts. */
export interface EventSource {
  jwks: RemoteJwks
  /** Accepted values of the header `typ`, in lower case; undefined accepts a header without `typ`. */
  types: readonly (string | undefined)[]
  issuer: string
  /** Our client ids at the provider. The token must name one of them as its audience. */
  audiences: readonly string[]
  /** The provider's issuer names in subject identifiers. A subject of another issuer is ignored. */
  subjectIssuers: readonly string[]
}

export interface SecurityEvent {
  uri: string
  /** The provider's id of the user; absent if the event names no user of this provider. */
  subject?: string
}

/** Error codes of RFC 8935 §2.4. */
export type Refusal = 'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience'

export type SecurityEventToken =
  | { outcome: 'valid'; id: string; occurredAt: Date; events: readonly SecurityEvent[] }
  | { outcome: 'refused'; refusal: Refusal; reason: string }
  /** The provider's keys could not be fetched, so the token may be good. */
  | { outcome: 'unavailable' }

/** Shorter than `rememberSignalsSeconds`, so that every repeat of an accepted token is recognised. */
const maxAgeSeconds = 60 * 86_400

const refused = (refusal: Refusal, reason: string): SecurityEventToken => ({
  outcome: 'refused',
  refusal,
  reason,
})

const refusalOf = (reason: InvalidForeignJwt): Refusal =>
  reason === 'signature' || reason === 'unknown_kid' || reason === 'alg' ? 'invalid_key' : 'invalid_request'

/** A user id may be a JSON number in the token. Here it is always text. */
const asText = (value: unknown): string | undefined => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && value !== '' && value.length <= 255 ? value : undefined
}

/**
 * Reads a subject identifier of RFC 9493 (`format`) or of the older form (`subject_type`). Both use `iss` and
 * `sub`.
 */
const readSubject = (subject: unknown, issuers: readonly string[]): string | undefined =>
  isJsonObject(subject) && typeof subject.iss === 'string' && issuers.includes(subject.iss)
    ? asText(subject.sub)
    : undefined

/**
 * Uses the subject in the event, else `sub_id` beside the events, else the claim `sub`. A subject that cannot
 * be read has no fallback.
 */
const subjectOf = (event: JsonObject, claims: JsonObject, issuers: readonly string[]): string | undefined => {
  const own = event.subject ?? event.sub_id ?? claims.sub_id
  return own === undefined ? asText(claims.sub) : readSubject(own, issuers)
}

const isSeconds = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** Verifies the token and lists its events. Unknown events and events without a user are kept in the list. */
export const readSecurityEvent = async (
  token: string,
  source: EventSource,
  now: Date,
): Promise<SecurityEventToken> => {
  const verified = await verifyForeignJwt(token, source)
  if (verified.outcome === 'unavailable') return verified
  if (verified.outcome === 'invalid') return refused(refusalOf(verified.reason), verified.reason)

  const { iss, aud, jti, iat, toe, events } = verified.payload
  if (iss !== source.issuer) return refused('invalid_issuer', 'wrong issuer')
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!source.audiences.some((ours) => audiences.includes(ours)))
    return refused('invalid_audience', 'wrong audience')
  if (typeof jti !== 'string' || jti === '') return refused('invalid_request', 'no jti')
  if (!isSeconds(iat)) return refused('invalid_request', 'no iat')
  // RFC 8417 §2.2 discourages `exp`, so `iat` limits the age.
  if (iat < epochSeconds(now) - maxAgeSeconds) return refused('invalid_request', 'too old')
  if (!isJsonObject(events) || Object.keys(events).length === 0)
    return refused('invalid_request', 'no events')

  return {
    outcome: 'valid',
    id: jti,
    occurredAt: fromEpochSeconds(Math.min(isSeconds(toe) ? toe : iat, epochSeconds(now))),
    events: Object.entries(events).map(([uri, event]) => {
      const subject = subjectOf(isJsonObject(event) ? event : {}, verified.payload, source.subjectIssuers)
      return { uri, ...(subject !== undefined && { subject }) }
    }),
  }
}

// Security event tokens (RFC 8417) that providers send us: is it theirs, for us, and whom is it about? Lenient about shape,
// because what is sent differs from what was standardised later; never about who signed.

import { epochSeconds, fromEpochSeconds } from '../clock.ts'
import { isJsonObject, type JsonObject } from '../json-object.ts'
import { type InvalidForeignJwt, verifyForeignJwt } from '../upstream-keys/foreign-jwt.ts'
import type { RemoteJwks } from '../upstream-keys/remote-jwks.ts'

/** Who may send: their keys, their name, and the names that they know us by. */
export interface EventSource {
  jwks: RemoteJwks
  /** `typ` of the header, in lower case; undefined for none. */
  types: readonly (string | undefined)[]
  issuer: string
  audiences: readonly string[]
  /** Names that subjects' issuer goes by; the provider's members, not somebody else's. */
  subjectIssuers: readonly string[]
}

export interface SecurityEvent {
  uri: string
  /** The provider's name for the person; absent if the event says none that we know. */
  subject?: string
}

/** The words of RFC 8935 §2.4. */
export type Refusal = 'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience'

export type SecurityEventToken =
  | { outcome: 'valid'; id: string; occurredAt: Date; events: readonly SecurityEvent[] }
  | { outcome: 'refused'; refusal: Refusal; reason: string }
  /** The sender's keys could not be fetched. */
  | { outcome: 'unavailable' }

/** Shorter than repeats are remembered (provider-signal.ts), so that nothing old can be played to us again. */
const oldestSeconds = 60 * 86_400

const refused = (refusal: Refusal, reason: string): SecurityEventToken => ({
  outcome: 'refused',
  refusal,
  reason,
})

const refusalOf = (reason: InvalidForeignJwt): Refusal =>
  reason === 'signature' || reason === 'unknown_kid' || reason === 'alg' ? 'invalid_key' : 'invalid_request'

/** A member number may come as a JSON number; here it is text, always. */
const asText = (value: unknown): string | undefined => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && value !== '' && value.length <= 255 ? value : undefined
}

/** A subject identifier, in today's form (RFC 9493, `format`) or in the older one (`subject_type`). */
const namedBy = (subject: unknown, issuers: readonly string[]): string | undefined =>
  isJsonObject(subject) && typeof subject.iss === 'string' && issuers.includes(subject.iss)
    ? asText(subject.sub)
    : undefined

/** In the event, beside the events, or as the claim `sub`, in that order: if one is there, no other counts. */
const subjectOf = (event: JsonObject, claims: JsonObject, issuers: readonly string[]): string | undefined => {
  const own = event.subject ?? event.sub_id ?? claims.sub_id
  return own === undefined ? asText(claims.sub) : namedBy(own, issuers)
}

const isSeconds = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

export const readSecurityEvent = async (
  token: string,
  source: EventSource,
  now: Date,
): Promise<SecurityEventToken> => {
  const verified = await verifyForeignJwt(token, source)
  if (verified.outcome === 'unavailable') return verified
  if (verified.outcome === 'invalid') return refused(refusalOf(verified.reason), verified.reason)

  const { iss, aud, jti, iat, toe, events } = verified.payload
  if (iss !== source.issuer) return refused('invalid_issuer', 'another issuer')
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!source.audiences.some((ours) => audiences.includes(ours)))
    return refused('invalid_audience', 'not for us')
  if (typeof jti !== 'string' || jti === '') return refused('invalid_request', 'no jti')
  if (!isSeconds(iat)) return refused('invalid_request', 'no iat')
  // There is no `exp`, and none is asked for.
  if (iat < epochSeconds(now) - oldestSeconds) return refused('invalid_request', 'too old')
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

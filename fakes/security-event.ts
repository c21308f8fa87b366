// Messages from a provider to the issuer: security event tokens (RFC 8417) in the shape that Kakao and Google send
// (`subject` inside the event), and how they are delivered.
import { randomUUID } from 'node:crypto'
import { type Clock, epochSeconds } from '../src/clock.ts'
import type { ProviderKeys, SignatureFault } from './provider-keys.ts'

export interface SecurityEvent {
  /** The end of an event URI (`user-unlinked`), or a whole one. */
  type: string
  /** The person's id at the provider. */
  person: string
  reason?: string
  /** Sent again, it is the same event. */
  jti?: string
  iss?: string
  aud?: unknown
  iat?: number
  signature?: SignatureFault
  /** Of the header; null for none. */
  typ?: string | null
  /** More members of the event, or instead of its own. */
  event?: Record<string, unknown>
  /** More members of the token, or instead of its own. */
  claims?: Record<string, unknown>
}

export interface Delivery {
  status: number
  body: string
}

const deliveryTimeoutMs = 3000

/** As both providers send: 3 s, no redirects. `status` is 0 for nobody there, or too slow. */
export const deliver = async (url: string, init: RequestInit): Promise<Delivery> => {
  try {
    const signal = AbortSignal.timeout(deliveryTimeoutMs)
    const response = await fetch(url, { redirect: 'manual', signal, ...init })
    return { status: response.status, body: await response.text() }
  } catch (cause) {
    return { status: 0, body: String(cause) }
  }
}

/** POST of the token itself (RFC 8935 §2). */
export const deliverEvent = (url: string, token: string): Promise<Delivery> =>
  deliver(url, {
    method: 'POST',
    body: token,
    headers: { 'content-type': 'application/secevent+jwt', accept: 'application/json' },
  })

export const eventSigning =
  ({
    keys,
    clock,
    issuer,
    audience,
    subjectIssuer,
    types,
    claims,
  }: {
    keys: ProviderKeys
    clock: Clock
    issuer: string
    audience: string
    /** Google's events name people by another issuer than the token's own. */
    subjectIssuer: string
    /** Where an event's short name belongs. */
    types: Readonly<Record<string, string>>
    claims(event: SecurityEvent): Record<string, unknown>
  }) =>
  (event: SecurityEvent): string => {
    const { type, person, reason, typ = 'secevent+jwt', iss = issuer, aud = audience } = event
    const uri = type.includes('://') ? type : `${types[type] ?? 'https://events.example/unknown/'}${type}`
    const subject = { subject_type: 'iss-sub', iss: subjectIssuer, sub: person }
    const payload = {
      iss,
      aud,
      iat: event.iat ?? epochSeconds(clock.now()),
      jti: event.jti ?? randomUUID(),
      ...claims(event),
      events: { [uri]: { subject, ...(reason !== undefined && { reason }), ...event.event } },
      ...event.claims,
    }
    return keys.sign(typ === null ? {} : { typ }, payload, event.signature)
  }

const openid = 'https://schemas.openid.net/secevent'

const inCategory = (category: string, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, `${openid}/${category}/event-type/`]))

export const oauthEvents = (names: readonly string[]) => inCategory('oauth', names)
export const riscEvents = (names: readonly string[]) => inCategory('risc', names)
export const caepEvents = (names: readonly string[]) => inCategory('caep', names)

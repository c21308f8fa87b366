// Security event tokens (RFC 8417) in the shape that Kakao and Google send: `subject` is inside the event.
// This file also delivers them to the issuer.
import { randomUUID } from 'node:crypto'
import { type Clock, epochSeconds } from '../src/clock.ts'
import type { ProviderKeys, SignatureFault } from './provider-keys.ts'

export interface SecurityEvent {
  /** The last part of an event URI (`user-unlinked`), or a whole URI. */
  type: string
  /** The person's id at the provider. */
  person: string
  reason?: string
  /** Two deliveries with the same `jti` are the same event. */
  jti?: string
  iss?: string
  aud?: unknown
  iat?: number
  signature?: SignatureFault
  /** `typ` in the header. null: the header has no `typ`. */
  typ?: string | null
  /** Adds members to the event or replaces them. */
  event?: Record<string, unknown>
  /** Adds claims to the token or replaces them. */
  claims?: Record<string, unknown>
}

export interface Delivery {
  status: number
  body: string
}

const deliveryTimeoutMs = 3000

/** Both providers wait three seconds and follow no redirects. `status` is 0 if no answer came in time. */
export const deliver = async (url: string, init: RequestInit): Promise<Delivery> => {
  try {
    const signal = AbortSignal.timeout(deliveryTimeoutMs)
    const response = await fetch(url, { redirect: 'manual', signal, ...init })
    return { status: response.status, body: await response.text() }
  } catch (cause) {
    return { status: 0, body: String(cause) }
  }
}

/** The body of the POST is the token itself (RFC 8935 §2). */
const deliverEvent = (url: string, token: string): Promise<Delivery> =>
  deliver(url, {
    method: 'POST',
    body: token,
    headers: { 'content-type': 'application/secevent+jwt', accept: 'application/json' },
  })

export interface EventSender {
  /** The signed event as text, so that a test can send it twice or damage it. */
  signEvent(event: SecurityEvent): string
  sendEvent(url: string, event: SecurityEvent | string): Promise<Delivery>
}

export const createEventSender = ({
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
  /** The issuer inside `subject`. Google uses another one there than in `iss`. */
  subjectIssuer: string
  /** The first part of the event URI by the event's short name. */
  types: Readonly<Record<string, string>>
  claims(event: SecurityEvent): Record<string, unknown>
}): EventSender => {
  const signEvent = (event: SecurityEvent): string => {
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
  return {
    signEvent,
    sendEvent: (url, event) => deliverEvent(url, typeof event === 'string' ? event : signEvent(event)),
  }
}

const openid = 'https://schemas.openid.net/secevent'

const inCategory = (category: string, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, `${openid}/${category}/event-type/`]))

export const oauthEvents = (names: readonly string[]) => inCategory('oauth', names)
export const riscEvents = (names: readonly string[]) => inCategory('risc', names)
export const caepEvents = (names: readonly string[]) => inCategory('caep', names)

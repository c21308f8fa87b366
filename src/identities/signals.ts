// What a provider told us about a person, waiting to be worked off: verified, deduplicated, durable. Owns the record and
// its port; webhooks/ receives and works off.

export const providerActions = ['end_connection', 'end_sessions', 'disable', 'enable'] as const

/** end_connection: unlinked or deleted there. end_sessions. disable / enable: the account there is locked, or open again. */
export type ProviderAction = (typeof providerActions)[number]

export interface ProviderSignal {
  /** Made from the message's own id where it has one: the same signal twice is one. Holds nothing personal. */
  id: string
  provider: string
  subject: string
  action: ProviderAction
  /** When it happened there, never later than `receivedAt`. */
  occurredAt: Date
  receivedAt: Date
}

export interface ProviderSignals {
  /** 'duplicate': it was here before, worked off or not. One winner of concurrent calls. */
  enqueue(signal: ProviderSignal): Promise<'enqueued' | 'duplicate'>
  /**
   * Up to `limit` waiting ones, in the order they came, not given to anybody else before `leaseUntil`. Of one person's
   * signals only the first that waits, so that "disabled" and "enabled" never overtake each other.
   */
  lease(limit: number, now: Date, leaseUntil: Date): Promise<ProviderSignal[]>
  /** Worked off: only its id stays, so that a repeat is known. Safe to repeat. */
  done(id: string, now: Date): Promise<void>
}

/** A worked-off signal is still known for this long; older messages are not taken at all (webhooks/security-event.ts). */
export const rememberSignalsSeconds = 90 * 86_400

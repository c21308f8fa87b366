// Signals: verified events from providers about their users. Owns the record and its port.
// webhooks/ receives signals and puts them into the queue. apply-signals.ts applies them.

export const providerActions = ['end_connection', 'end_sessions', 'disable', 'enable'] as const

/**
 * - end_connection: the user unlinked Dojang at the provider, or deleted the account there.
 * - end_sessions: the user's sessions must end.
 * - disable, enable: the provider locked or unlocked the account there.
 */
export type ProviderAction = (typeof providerActions)[number]

export interface ProviderSignal {
  /** Derived from the provider's message where possible, so that a repeated message is a duplicate. */
  id: string
  provider: string
  subject: string
  action: ProviderAction
  /** The time of the event at the provider, never later than `receivedAt`. */
  occurredAt: Date
  receivedAt: Date
}

export interface ProviderSignals {
  /** 'duplicate': the id is known. Exactly one of any number of concurrent calls is 'enqueued'. */
  enqueue(signal: ProviderSignal): Promise<'enqueued' | 'duplicate'>
  /**
   * Leases up to `limit` signals until `leaseUntil`, in the order of arrival. For each person it leases only
   * the first signal that waits, so that `disable` and `enable` stay in order.
   */
  lease(limit: number, now: Date, leaseUntil: Date): Promise<ProviderSignal[]>
  /** Keeps only the id of an applied signal, so that a repeat is still a duplicate. Safe to repeat. */
  done(id: string, now: Date): Promise<void>
}

/** Ids of applied signals are kept this long. webhooks/security-event.ts rejects older messages. */
export const rememberSignalsSeconds = 90 * 86_400

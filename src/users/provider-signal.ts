// What a provider told us about a person, waiting to be worked off: verified, deduplicated, durable. Owns the record and
// its port; webhooks/ receives and works off.

export interface ProviderSignal {
  /** `<provider>:<jti>`, or a hash of a message that has none: the same signal twice is one. */
  id: string
  provider: string
  subject: string
  /** end_connection: unlinked or revoked there. end_sessions. disable / enable: an account flag there. */
  action: 'end_connection' | 'end_sessions' | 'disable' | 'enable'
  reason?: string
  receivedAt: Date
}

export interface ProviderSignals {
  /** 'duplicate': it was here before, worked off or not. */
  enqueue(signal: ProviderSignal): Promise<'enqueued' | 'duplicate'>
  /** Up to `limit` waiting ones, oldest first, not given to anybody else before `leaseUntil`. */
  claim(limit: number, now: Date, leaseUntil: Date): Promise<ProviderSignal[]>
  done(id: string, now: Date): Promise<void>
}

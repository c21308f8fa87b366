// Connections to end at a provider because the account here is gone: kept until the provider has heard it. Owns the record
// and its port; users/goodbyes.ts works them off, and deleting a user makes them (Users.delete).

export interface DisconnectRequest {
  provider: string
  /** With `provider` the key: one goodbye, however often it is asked for. */
  subject: string
  /** The provider's refresh token, encrypted, where ending the connection needs it. */
  encryptedToken?: string
  /** How often it was tried, this time included. */
  attempts: number
  requestedAt: Date
}

export interface DisconnectRequests {
  /** Asking again for the same connection begins anew. */
  enqueue(request: Omit<DisconnectRequest, 'attempts'>): Promise<void>
  /** Up to `limit` that are due, oldest first, each counted as tried, not given to anybody else before `leaseUntil`. */
  lease(limit: number, now: Date, leaseUntil: Date): Promise<DisconnectRequest[]>
  /** Tried in vain: due again at `at`. */
  postpone(provider: string, subject: string, at: Date): Promise<void>
  /** Said, or given up: nothing of it stays. Safe to repeat. */
  done(provider: string, subject: string): Promise<void>
}

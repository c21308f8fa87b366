// Disconnect requests: a user unlinked a provider or was deleted, so the provider must end its connection.
// Owns the record and its port. The account page and Users.delete create them.

export interface DisconnectRequest {
  provider: string
  /** `provider` and `subject` are the key, so a connection has at most one request. */
  subject: string
  /** The provider's refresh token, encrypted. Present if the provider needs it to end the connection. */
  encryptedToken?: string
  /** The number of attempts, the current one included. */
  attempts: number
  requestedAt: Date
}

export interface DisconnectRequests {
  /** A second request for the same connection replaces the first and resets its attempts. */
  enqueue(request: Omit<DisconnectRequest, 'attempts'>): Promise<void>
  /** Leases up to `limit` due requests until `leaseUntil`, oldest first, and counts an attempt for each. */
  lease(limit: number, now: Date, leaseUntil: Date): Promise<DisconnectRequest[]>
  /** Makes a failed request due again at `at`. */
  postpone(provider: string, subject: string, at: Date): Promise<void>
  /** Deletes the request, because it was sent or abandoned. Safe to repeat. */
  done(provider: string, subject: string): Promise<void>
}

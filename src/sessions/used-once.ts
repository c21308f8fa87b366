// Remembers what was used once: parked requests that were answered, and sign-ins at providers. Owns the port.
// The things themselves travel with the browser, so only a use by a user who signed in is stored.

export interface UsedOnce {
  /** 'first' for exactly one of any number of concurrent calls with the same id, until `expiresAt`. */
  use(id: string, usedAt: Date, expiresAt: Date): Promise<'first' | 'again'>
  isUsed(id: string): Promise<boolean>
}

// What a person allowed a third-party client. First-party clients need none.

export interface Consent {
  userId: string
  clientId: string
  scopes: readonly string[]
  grantedAt: Date
}

export interface Consents {
  find(userId: string, clientId: string): Promise<Consent | undefined>
  /** Adds to what was allowed before. */
  grant(consent: Consent): Promise<void>
  listOfUser(userId: string): Promise<Consent[]>
  withdraw(userId: string, clientId: string): Promise<boolean>
}

export const covers = (consent: Consent | undefined, scopes: readonly string[]): boolean =>
  consent !== undefined && scopes.every((scope) => consent.scopes.includes(scope))

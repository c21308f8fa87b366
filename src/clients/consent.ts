// What a person allowed a third-party client. First-party clients need none.
import type { ClientId, UserId } from '../ids.ts'

export interface Consent {
  userId: UserId
  clientId: ClientId
  scopes: readonly string[]
  grantedAt: Date
}

export interface Consents {
  find(userId: UserId, clientId: ClientId): Promise<Consent | undefined>
  /** Adds to what was allowed before. */
  grant(consent: Consent): Promise<void>
  listOfUser(userId: UserId): Promise<Consent[]>
  withdraw(userId: UserId, clientId: ClientId): Promise<boolean>
}

export const covers = (consent: Consent | undefined, scopes: readonly string[]): boolean =>
  consent !== undefined && scopes.every((scope) => consent.scopes.includes(scope))

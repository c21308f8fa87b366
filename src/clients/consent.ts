// Consents: the scopes that a user allowed a third-party client. First-party clients need no consent.
import type { ClientId, UserId } from '../ids.ts'

export interface Consent {
  userId: UserId
  clientId: ClientId
  scopes: readonly string[]
  grantedAt: Date
}

export interface Consents {
  find(userId: UserId, clientId: ClientId): Promise<Consent | undefined>
  /** Adds the scopes to those that the user allowed before. */
  grant(consent: Consent): Promise<void>
  listOfUser(userId: UserId): Promise<Consent[]>
  /** False if there was no consent. */
  withdraw(userId: UserId, clientId: ClientId): Promise<boolean>
}

/** Whether the consent includes all of these scopes. */
export const covers = (consent: Pick<Consent, 'scopes'> | undefined, scopes: readonly string[]): boolean =>
  consent !== undefined && scopes.every((scope) => consent.scopes.includes(scope))

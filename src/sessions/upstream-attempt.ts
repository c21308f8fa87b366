// Sign-ins that are in progress at a provider, and link confirmations. Owns both records and their port.
// An attempt works once, and only for its browser and its provider (RFC 9700 §4.7.1).

import type { SessionId } from '../ids.ts'
import type { ProviderPerson } from './provider-person.ts'

export interface UpstreamAttempt {
  /** The hash of the `state` parameter of the request to the provider. */
  stateHash: string
  provider: string
  nonce: string
  codeVerifier: string
  /** The hash of the cookie that binds the attempt to the browser. */
  browserHash: string
  /** The parked request to continue afterwards. */
  requestId?: string
  /** `link`: a user who is signed in adds the provider as a login method. */
  purpose: 'login' | 'link'
  /** The session that asked for `link`. */
  sessionId?: SessionId
  /** The link confirmation that this sign-in should confirm. */
  confirmationId?: string
  /** The language of the page on which the attempt started. */
  lang: 'ko' | 'en'
  startedAt: Date
  expiresAt: Date
}

/** An identity at a provider that waits for the user's confirmation, because an account has its address. */
export interface LinkConfirmation extends ProviderPerson {
  /** The hash of the id that the browser has. */
  idHash: string
  browserHash: string
  /** The address of the existing account. */
  email: string
  /** The parked request to continue afterwards. */
  requestId?: string
  createdAt: Date
  expiresAt: Date
}

/** 'foreign': the attempt belongs to another browser or provider. It stays in the store. */
export type TakenAttempt =
  | { outcome: 'taken'; attempt: UpstreamAttempt }
  | { outcome: 'unknown' }
  | { outcome: 'foreign' }

export interface UpstreamAttempts {
  begin(attempt: UpstreamAttempt): Promise<void>
  /** Deletes and returns the attempt, if the browser and provider match. Only one concurrent call gets it. */
  take(stateHash: string, owner: { browserHash: string; provider: string }): Promise<TakenAttempt>
  requestConfirmation(confirmation: LinkConfirmation): Promise<void>
  findConfirmation(idHash: string): Promise<LinkConfirmation | undefined>
  /** Deletes and returns the link confirmation. Only one concurrent call gets it. */
  takeConfirmation(idHash: string): Promise<LinkConfirmation | undefined>
}

/** Long enough to type a password and a second factor at the provider. */
export const upstreamAttemptTtlSeconds = 600

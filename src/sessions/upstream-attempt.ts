// A person who went to a provider and has not come back yet. Its id is the `state` of the request there; one use, bound
// to the browser, the provider and the client's request that waits here (RFC 9700 §4.7.1).

import type { SessionId } from '../ids.ts'
import type { ProviderPerson } from './provider-person.ts'

export interface UpstreamAttempt {
  /** Hash of `state`. */
  stateHash: string
  provider: string
  nonce: string
  codeVerifier: string
  /** Hash of the browser's own cookie. */
  browserHash: string
  /** The id of the parked authorization request to go on with, if there is one. */
  requestId?: string
  /** `link`: the signed-in person adds this way in to their account; the session that asked. */
  purpose: 'login' | 'link'
  sessionId?: SessionId
  /** The id of the offered link that this sign-in is to confirm. */
  offerId?: string
  /** Of the page that the person came from. */
  lang: 'ko' | 'en'
  startedAt: Date
  expiresAt: Date
}

/** Somebody proved who they are at a provider, but the account they name wants its own proof first. */
export interface LinkConfirmation extends ProviderPerson {
  /** Hash of the id that the browser carries. */
  idHash: string
  browserHash: string
  /** The address that an account here holds already. */
  email: string
  /** The client's request that waits meanwhile. */
  requestId?: string
  offeredAt: Date
  expiresAt: Date
}

/** 'foreign': another browser's, or another provider's; it stays for those it belongs to. */
export type Taking =
  | { outcome: 'taken'; attempt: UpstreamAttempt }
  | { outcome: 'unknown' }
  | { outcome: 'foreign' }

export interface UpstreamAttempts {
  begin(attempt: UpstreamAttempt): Promise<void>
  /** Takes it out for the browser and provider that it belongs to: of concurrent calls exactly one gets it. */
  take(stateHash: string, whose: { browserHash: string; provider: string }): Promise<Taking>
  offer(link: LinkConfirmation): Promise<void>
  findOffer(idHash: string): Promise<LinkConfirmation | undefined>
  /** Of concurrent calls exactly one gets it. */
  takeOffer(idHash: string): Promise<LinkConfirmation | undefined>
}

/** RFC 9700 asks for short; people type passwords and second factors at the provider. */
export const upstreamAttemptTtlSeconds = 600

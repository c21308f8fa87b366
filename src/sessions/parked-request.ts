// Parked requests: authorization requests that wait while the user signs in or consents.
// The login pages know only the id, and redirect back to /authorize with it.
import type { Client, Clients } from '../clients/client.ts'
import type { Clock } from '../clock.ts'
import type { ClientId, SessionId, UserId } from '../ids.ts'
import { hashToken } from '../secrets.ts'

/** A valid request to /authorize (RFC 6749 §4.1.1, OIDC Core §3.1.2.1). */
export interface AuthorizationRequest {
  clientId: ClientId
  redirectUri: string
  responseMode: 'query' | 'form_post'
  scope: readonly string[]
  resource: readonly string[]
  state?: string
  nonce?: string
  codeChallenge?: string
  prompt: readonly string[]
  maxAgeSeconds?: number
  loginHint?: string
  /** The only user who may answer the request, from `id_token_hint` (OIDC Core §3.1.2.1). */
  hintedUserId?: UserId
  uiLocales?: string
}

export interface ParkedRequest {
  /** The hash of the id that the browser has. */
  idHash: string
  request: AuthorizationRequest
  parkedAt: Date
  expiresAt: Date
  /** The session in which the user consented to this request. */
  consentedBySession?: SessionId
}

export interface ParkedRequests {
  park(request: ParkedRequest): Promise<void>
  find(idHash: string): Promise<ParkedRequest | undefined>
  /** Sets `consentedBySession`. False if the request no longer exists. */
  consent(idHash: string, sessionId: SessionId): Promise<boolean>
  /** Deletes and returns the request. Exactly one of any number of concurrent calls gets it. */
  take(idHash: string): Promise<ParkedRequest | undefined>
}

export interface FoundParkedRequest {
  id: string
  parked: ParkedRequest
  client: Client
}

/** Undefined if the request is unknown or expired, or its client is deleted. */
export type FindParkedRequest = (id: string) => Promise<FoundParkedRequest | undefined>

/** Finds a parked request by the id that the browser has. */
export const createFindParkedRequest =
  (deps: { clock: Clock; clients: Clients; parkedRequests: ParkedRequests }): FindParkedRequest =>
  async (id) => {
    const parked = await deps.parkedRequests.find(hashToken(id))
    const client = parked && (await deps.clients.find(parked.request.clientId))
    if (!parked || !client || parked.expiresAt <= deps.clock.now()) return undefined
    return { id, parked, client }
  }

export const parkedRequestTtlSeconds = 1800

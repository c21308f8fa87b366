// An authorization request that waits while the person signs in or consents. The login pages know only its id;
// they lead back to /authorize with it.
import type { Client, Clients } from '../clients/client.ts'
import type { Clock } from '../clock.ts'
import type { ClientId, SessionId, UserId } from '../ids.ts'
import { hashToken } from '../secrets.ts'

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
  /** The person that the client expects: nobody else is an answer (OIDC Core §3.1.2.1, id_token_hint). */
  hintedUserId?: UserId
  uiLocales?: string
}

export interface ParkedRequest {
  /** Hash of the id that the browser carries. */
  idHash: string
  request: AuthorizationRequest
  parkedAt: Date
  expiresAt: Date
  /** Set once the person answered the consent page for this very request: `<session id>`. */
  consentedBySession?: SessionId
}

export interface ParkedRequests {
  park(request: ParkedRequest): Promise<void>
  find(idHash: string): Promise<ParkedRequest | undefined>
  /** Remembers who consented. False if the request is gone. */
  consent(idHash: string, sessionId: SessionId): Promise<boolean>
  /** Takes it out: of concurrent calls exactly one gets it. */
  take(idHash: string): Promise<ParkedRequest | undefined>
}

export interface FoundParkedRequest {
  id: string
  parked: ParkedRequest
  client: Client
}

/** Undefined if the request is unknown or expired, or its client is deleted. */
export type FindParkedRequest = (id: string) => Promise<FoundParkedRequest | undefined>

export const createFindParkedRequest =
  (deps: { clock: Clock; clients: Clients; parkedRequests: ParkedRequests }): FindParkedRequest =>
  async (id) => {
    const parked = await deps.parkedRequests.find(hashToken(id))
    const client = parked && (await deps.clients.find(parked.request.clientId))
    if (!parked || !client || parked.expiresAt <= deps.clock.now()) return undefined
    return { id, parked, client }
  }

export const parkedRequestTtlSeconds = 1800

// Parked requests: authorization requests that wait while the user signs in or consents. The browser carries
// the request as an encrypted text, so a visitor who never signs in stores nothing (H13 in docs/security.md).
import type { Client, Clients } from '../clients/client.ts'
import { redirectUriMatches } from '../clients/redirect-uri.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import type { RecordSealing } from '../encryption/sealing.ts'
import type { ClientId, SessionId, UserId } from '../ids.ts'
import { randomToken } from '../secrets.ts'
import type { UsedOnce } from './used-once.ts'

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
  /** Random. It stays the same after a confirmation, so that the request is answered only once. */
  id: string
  request: AuthorizationRequest
  parkedAt: Date
  expiresAt: Date
  /** The session in which the user consented to this request, or continued it with a click. */
  confirmedBySession?: SessionId
  /** The session of the sign-in on the page that this request opened. */
  signedInSession?: SessionId
}

export interface FoundParkedRequest {
  /** The text that the browser carries. */
  sealed: string
  parked: ParkedRequest
  client: Client
}

export interface ParkedRequests {
  /** The text for the browser. 'too_long': it would not fit into a URL or a cookie. */
  park(request: AuthorizationRequest): string | 'too_long'
  /** The text of the same request, which this session confirmed. */
  confirm(parked: ParkedRequest, sessionId: SessionId): string
  /** The text of the same request, for which the user has just signed in. */
  signedIn(parked: ParkedRequest, sessionId: SessionId): string
  /** Undefined if the request is forged, expired or answered, or its client lost the redirect URI. */
  find(sealed: string): Promise<FoundParkedRequest | undefined>
  /** 'again': the request was already answered. Exactly one of any number of concurrent calls is 'first'. */
  answer(parked: ParkedRequest): Promise<'first' | 'again'>
}

export const parkedRequestTtlSeconds = 1800

/** A browser keeps at most 4096 bytes in a cookie, and the attempt at a provider contains this text. */
const maxSealedLength = 3200

const owner = 'parked-request'

/** The members of a parked request after JSON. */
type Written = Omit<ParkedRequest, 'parkedAt' | 'expiresAt'> & { parkedAt: number; expiresAt: number }

export const createParkedRequests = (deps: {
  clock: Clock
  clients: Clients
  usedOnce: UsedOnce
  sealing: RecordSealing
}): ParkedRequests => {
  const { clock, usedOnce, sealing } = deps

  const seal = ({ parkedAt, expiresAt, ...parked }: ParkedRequest): string => {
    const written: Written = { ...parked, parkedAt: parkedAt.getTime(), expiresAt: expiresAt.getTime() }
    return sealing.seal(owner, written)
  }

  const open = (sealed: string): ParkedRequest | undefined => {
    const written = sealing.open(owner, sealed) as Written | undefined
    return (
      written && {
        ...written,
        parkedAt: new Date(written.parkedAt),
        expiresAt: new Date(written.expiresAt),
      }
    )
  }

  const useId = ({ id }: ParkedRequest): string => `request:${id}`

  return {
    park: (request) => {
      const now = clock.now()
      const expiresAt = secondsAfter(now, parkedRequestTtlSeconds)
      const sealed = seal({ id: randomToken(16), request, parkedAt: now, expiresAt })
      return sealed.length <= maxSealedLength ? sealed : 'too_long'
    },
    confirm: (parked, sessionId) => seal({ ...parked, confirmedBySession: sessionId }),
    signedIn: (parked, sessionId) => seal({ ...parked, signedInSession: sessionId }),
    find: async (sealed) => {
      const parked = open(sealed)
      if (parked === undefined || parked.expiresAt <= clock.now()) return undefined
      const client = await deps.clients.find(parked.request.clientId)
      // The client may have lost the redirect URI while the user signed in (RFC 9700 §2.1).
      if (!client || !redirectUriMatches(client.redirectUris, parked.request.redirectUri)) return undefined
      return (await usedOnce.isUsed(useId(parked))) ? undefined : { sealed, parked, client }
    },
    answer: (parked) => usedOnce.use(useId(parked), clock.now(), parked.expiresAt),
  }
}

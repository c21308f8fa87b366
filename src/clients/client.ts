// Clients: who may ask for tokens, and within which limits (RFC 6749 §2). Owns the record, its port and its rules.
import type { ClientId } from '../ids.ts'
import { hashToken, sameSecret } from '../secrets.ts'

export const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials'] as const
export type GrantType = (typeof grantTypes)[number]

/** How an authorization response may travel. Never in a fragment, which scripts can read. */
export const responseModes = ['query', 'form_post'] as const
export type ResponseMode = (typeof responseModes)[number]

/** `rotate`: a new token at each refresh, with the issuer's grace or its own; `reuse`: the token stays. */
export type RefreshPolicy = { kind: 'rotate'; graceSeconds?: number } | { kind: 'reuse' }

export interface Client {
  id: ClientId
  name: string
  /** Absent for a public client. SHA-256 of a 256-bit random value. */
  secretHash?: string
  /** The secret before the last rotation, while it is still accepted. */
  previousSecretHash?: string
  previousSecretExpiresAt?: Date
  redirectUris: readonly string[]
  postLogoutRedirectUris: readonly string[]
  /** Browser origins that may call the token endpoints and the first-party API. */
  origins: readonly string[]
  grants: readonly GrantType[]
  /** The ways in which it takes authorization responses (ASVS 10.4.12). */
  responseModes: readonly ResponseMode[]
  scopes: readonly string[]
  /** The APIs it may ask tokens for, besides the default audience. */
  audiences: readonly string[]
  /** Used when a request names no `resource`; the issuer's default when absent. */
  defaultAudience?: string
  /** The APIs whose tokens it may introspect because it serves them (RFC 7662 §4). */
  introspects: readonly string[]
  /** Our own app: no consent page, and the first-party API. */
  firstParty: boolean
  /** False only for a confidential client of the OIDC Basic profile. */
  pkceRequired: boolean
  refreshPolicy: RefreshPolicy
  createdAt: Date
}

/** Only the members named are changed; `null` removes an optional one. */
export type ClientChange = Partial<
  Omit<
    Client,
    'id' | 'createdAt' | 'secretHash' | 'previousSecretHash' | 'previousSecretExpiresAt' | 'defaultAudience'
  >
> & {
  defaultAudience?: string | null
  secretHash?: string
  previousSecretHash?: string | null
  previousSecretExpiresAt?: Date | null
}

/**
 * The client of sign-ins at /api/token that no registered browser origin names: the team's own apps together. Made at
 * first start; its registration does not narrow what a person's roles grant.
 */
export const firstPartyApiClientId = 'first-party'

export interface Clients {
  create(client: Client): Promise<'created' | 'exists'>
  find(id: ClientId): Promise<Client | undefined>
  /** The clients that registered this browser origin. */
  findByOrigin(origin: string): Promise<Client[]>
  list(): Promise<Client[]>
  change(id: ClientId, change: ClientChange): Promise<boolean>
  delete(id: ClientId): Promise<boolean>
}

export const isPublic = (client: Client): boolean => client.secretHash === undefined

/** A user's `sub` begins with `usr_`: a client id may not, since it is the `sub` of machine tokens (RFC 9068 §5). */
export const isClientId = (id: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/.test(id) && !id.startsWith('usr_')

/** Is `secret` this client's, or its previous one inside the rotation window? Constant time. */
export const secretMatches = (client: Client, secret: string, now: Date): boolean => {
  const given = hashToken(secret)
  const current = client.secretHash !== undefined && sameSecret(given, client.secretHash)
  const previous =
    client.previousSecretHash !== undefined &&
    client.previousSecretExpiresAt !== undefined &&
    now < client.previousSecretExpiresAt &&
    sameSecret(given, client.previousSecretHash)
  return current || previous
}

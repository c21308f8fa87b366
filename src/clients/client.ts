// Clients: the apps that may request tokens, and their limits (RFC 6749 §2). Owns the record, its port and
// its rules. oauth/client-auth.ts authenticates them.
import type { ClientId } from '../ids.ts'
import { hashToken, sameSecret } from '../secrets.ts'

export const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials'] as const
export type GrantType = (typeof grantTypes)[number]

/** How an authorization response reaches the client. Never `fragment`, because scripts can read it. */
export const responseModes = ['query', 'form_post'] as const
export type ResponseMode = (typeof responseModes)[number]

/**
 * `rotate`: each refresh returns a new refresh token. Without `graceSeconds` the issuer's grace applies.
 * `reuse`: the refresh token stays the same.
 */
export type RefreshPolicy = { kind: 'rotate'; graceSeconds?: number } | { kind: 'reuse' }

export interface Client {
  id: ClientId
  name: string
  /** SHA-256 of a 256-bit random value. Absent for a public client. */
  secretHash?: string
  /** The hash of the secret before the last rotation. Valid until `previousSecretExpiresAt`. */
  previousSecretHash?: string
  previousSecretExpiresAt?: Date
  redirectUris: readonly string[]
  postLogoutRedirectUris: readonly string[]
  /** Browser origins that may call the token endpoints and the first-party API. */
  origins: readonly string[]
  grants: readonly GrantType[]
  /** The response modes that it may request (ASVS 10.4.12). */
  responseModes: readonly ResponseMode[]
  scopes: readonly string[]
  /** The APIs for which it may request tokens, besides the default audience. */
  audiences: readonly string[]
  /** Used if a request names no `resource`. Absent: the issuer's default. */
  defaultAudience?: string
  /** The APIs whose tokens it may introspect, because it serves these APIs (RFC 7662 §4). */
  introspects: readonly string[]
  /** True for the operator's own app: it needs no consent and may use the first-party API. */
  firstParty: boolean
  /**
   * A public client always needs PKCE. If this is true, a client with a secret needs PKCE or a nonce. If it
   * is false, the client needs neither (the OIDC Basic profile).
   */
  pkceRequired: boolean
  refreshPolicy: RefreshPolicy
  /** True if a user has tokens of this client in one session only. A new sign-in ends the others. */
  oneSession: boolean
  createdAt: Date
}

/** A member that is absent does not change. `null` removes an optional member. */
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
 * The client of a sign-in at /api/token if no client registered the browser's origin. The first start creates
 * it. Its tokens may have all scopes that the user's roles grant.
 */
export const firstPartyApiClientId = 'first-party'

/** The name that the first start gives to this client. An admin may change it. */
export const firstPartyApiClientName = 'First-party API'

export interface Clients {
  create(client: Client): Promise<'created' | 'exists'>
  find(id: ClientId): Promise<Client | undefined>
  /** The clients that registered this browser origin. */
  findByOrigin(origin: string): Promise<Client[]>
  list(): Promise<Client[]>
  /** False if the client does not exist. */
  change(id: ClientId, change: ClientChange): Promise<boolean>
  /** False if the client does not exist. */
  delete(id: ClientId): Promise<boolean>
}

/** True for a client without a secret (RFC 6749 §2.1). */
export const isPublic = (client: Client): boolean => client.secretHash === undefined

/** A client id must not look like a user's id: both can be the `sub` of a token (RFC 9068 §5). */
export const isClientId = (id: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/.test(id) && !id.startsWith('usr_')

/** Whether `secret` is the client's secret, or the previous one that is still valid. Constant time. */
export const secretMatches = (client: Client, secret: string, now: Date): boolean => {
  const secretHash = hashToken(secret)
  const current = client.secretHash !== undefined && sameSecret(secretHash, client.secretHash)
  const previous =
    client.previousSecretHash !== undefined &&
    client.previousSecretExpiresAt !== undefined &&
    now < client.previousSecretExpiresAt &&
    sameSecret(secretHash, client.previousSecretHash)
  return current || previous
}

// Refreshes tokens (RFC 6749 §6), for /token and for the first-party API.
// It signs first and rotates last, so that a failure does not use up the refresh token.
import type { Client, Clients } from '../clients/client.ts'
import { covers } from '../clients/consent.ts'
import type { Clock } from '../clock.ts'
import type { Family, RefreshTokens } from '../sessions/family.ts'
import { checkUser, type ReadUser, type User, type Users } from '../users/user.ts'
import { type OwnAudiences, resolveAudience } from './audience.ts'
import type { IssuedTokens, IssueTokens } from './issue.ts'
import type { RefreshTokenFormat } from './refresh-token-format.ts'
import { firstPartyScope } from './scopes.ts'
import type { SpendRefreshToken } from './spend-refresh-token.ts'

export interface RefreshRequest {
  token: string
  startedBy: Family['startedBy']
  /** The authenticated client. Absent at the first-party API, which uses the client of the family. */
  client?: Client
  /** A part of the granted scope, for this access token only. */
  scope?: readonly string[]
  resource?: readonly string[]
  ip: string
  requestId: string
  userAgent?: string
}

export type Refreshed =
  | { outcome: 'refreshed'; tokens: IssuedTokens; refreshToken: string; family: Family; user: User }
  /** `reason` is only for the log. The client receives `invalid_grant`. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'scope_beyond_grant' }
  | { outcome: 'resource_beyond_grant' }

/** @throws {Unavailable} if a store is down. The client may retry with the same refresh token. */
export type Refresh = (request: RefreshRequest) => Promise<Refreshed>

type Refused = Extract<Refreshed, { outcome: 'refused' }>

const refused = (reason: string): Refused => ({ outcome: 'refused', reason })

export const createRefresh = (
  deps: {
    clock: Clock
    refreshTokenFormat: RefreshTokenFormat
    refreshTokens: RefreshTokens
    clients: Clients
    users: Users
    issueTokens: IssueTokens
    spendRefreshToken: SpendRefreshToken
  } & OwnAudiences,
): Refresh => {
  const { clock, refreshTokenFormat, refreshTokens, clients, users, issueTokens } = deps

  /** The family of the token, if this caller may refresh it. */
  const find = async (
    request: RefreshRequest,
  ): Promise<{ outcome: 'found'; family: Family; client: Client; generation: number } | Refused> => {
    const token = refreshTokenFormat.read(request.token)
    if (token === undefined) return refused('not issued here')
    const family = await refreshTokens.find(token.familyId)
    if (family === undefined || !refreshTokenFormat.tagMatches(token, family)) return refused('unknown')
    if (family.startedBy !== request.startedBy) return refused('belongs to another endpoint')
    if (request.client && family.clientId !== request.client.id) return refused('belongs to another client')
    const client = request.client ?? (await clients.find(family.clientId))
    // A client that was deleted and created again does not inherit the families of the old one.
    if (client === undefined || client.createdAt > family.startedAt) return refused('client removed')
    return { outcome: 'found', family, client, generation: token.generation }
  }

  /** Whether the user and the consent still allow a refresh (OAuth 2.1 §4.3.1). */
  const check = async (
    family: Family,
    client: Client,
  ): Promise<({ outcome: 'allowed' } & ReadUser) | Refused> => {
    const readAt = clock.now()
    const { user, consent } = await users.findWithConsent(family.userId, family.clientId)
    const checked = checkUser(user)
    if (checked.outcome === 'unusable') return refused(checked.reason)
    if (!client.firstParty && !covers(consent, family.scope)) return refused('consent withdrawn')
    return { outcome: 'allowed', user: checked.user, readAt }
  }

  /** The audiences of this refresh. A refresh may narrow them, never widen them (RFC 8707 §2.2). */
  const audiencesOf = (family: Family, client: Client, resource: readonly string[]) => {
    const granted = resolveAudience(client, family.resource, family, deps)
    const requested = resource.length > 0 ? [...new Set(resource)] : granted
    return granted && requested?.every((uri) => granted.includes(uri)) ? requested : undefined
  }

  return async (request) => {
    const found = await find(request)
    if (found.outcome === 'refused') return found
    const { family, client, generation } = found
    const allowed = await check(family, client)
    if (allowed.outcome === 'refused') return allowed
    const { user, readAt } = allowed

    // First-party families follow the user's current roles. Other families keep the granted scope.
    const granted = family.startedBy === 'password' ? firstPartyScope(client, user) : family.scope
    const scope = request.scope ?? granted
    if (!scope.every((value) => granted.includes(value))) return { outcome: 'scope_beyond_grant' }
    const audiences = audiencesOf(family, client, request.resource ?? [])
    if (audiences === undefined) return { outcome: 'resource_beyond_grant' }

    const tokens = await issueTokens.forPerson({ user, readAt, client, family, scope, audiences })
    const spent = await deps.spendRefreshToken(family, generation, { client, user }, request)
    if (spent.outcome === 'refused') return spent
    const refreshToken = refreshTokenFormat.write(family, spent.generation)
    return { outcome: 'refreshed', tokens, refreshToken, family, user }
  }
}

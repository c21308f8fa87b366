// Refreshing (RFC 6749 §6), for /token and for the first-party API. Signs first and rotates last, so a failure spends
// nothing; the one write is atomic, and its lost response is mended by the grace (tokens/refresh-token.ts).
import type { Audit } from '../audit.ts'
import type { Client, Clients } from '../clients/client.ts'
import { type Consents, covers } from '../clients/consent.ts'
import { type Clock, earlier, secondsAfter } from '../clock.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Family, RefreshTokens } from '../sessions/family.ts'
import { isLive, type Sessions } from '../sessions/session.ts'
import { isActive, isCutOff, type User, type Users } from '../users/user.ts'
import { resolveAudience } from './audience.ts'
import type { IssuedTokens, IssueTokens } from './issue.ts'
import type { RefreshTokenFormat } from './refresh-token-format.ts'
import { firstPartyScope } from './scopes.ts'

export interface RefreshRequest {
  token: string
  startedBy: Family['startedBy']
  /** The client that authenticated; absent at the first-party API, whose families name theirs. */
  client?: Client
  /** Narrower than what was granted, for this access token only. */
  scope?: readonly string[]
  resource?: readonly string[]
  ip: string
  requestId: string
}

export type Refreshed =
  | { outcome: 'refreshed'; tokens: IssuedTokens; refreshToken: string; family: Family; user: User }
  /** Why, for our log. The client learns only that the token is no good. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'scope_beyond_grant' }
  | { outcome: 'resource_beyond_grant' }

export type Refresh = (request: RefreshRequest) => Promise<Refreshed>

const refused = (reason: string): Refreshed => ({ outcome: 'refused', reason })

export const createRefresh = (deps: {
  clock: Clock
  format: RefreshTokenFormat
  refreshTokens: RefreshTokens
  sessions: Sessions
  users: Users
  clients: Clients
  consents: Consents
  endSessions: EndSessions
  issue: IssueTokens
  audit: Audit
  defaultAudience: string
  graceSeconds: number
  idleTtlSeconds: number
}): Refresh => {
  const { clock, format, refreshTokens, sessions, users, clients, consents, endSessions, issue, audit } = deps

  /** Whether the family's person, session and consent still stand (OAuth 2.1 §4.3.1). The person, or why not. */
  const standing = async (family: Family, client: Client): Promise<User | string> => {
    const now = clock.now()
    const [session, user, consent] = await Promise.all([
      sessions.find(family.sessionId),
      users.find(family.userId),
      client.firstParty ? undefined : consents.find(family.userId, family.clientId),
    ])
    if (session === undefined || !isLive(session, now)) return 'session ended'
    if (user === undefined) return 'user deleted'
    if (!isActive(user)) return 'user disabled'
    if (isCutOff(user, family.startedAt)) return 'user signed out everywhere'
    if (!client.firstParty && !covers(consent, family.scope)) return 'consent withdrawn'
    return user
  }

  /** Uses the token up, by the client's policy. The generation that the client holds from now on, or why not. */
  const spend = async (
    family: Family,
    generation: number,
    client: Client,
    event: { ip: string; requestId: string },
  ) => {
    const now = clock.now()
    const { refreshPolicy: policy } = client
    const presentation = {
      generation,
      now,
      graceSeconds: policy.kind === 'rotate' ? (policy.graceSeconds ?? deps.graceSeconds) : 0,
      idleExpiresAt: earlier(secondsAfter(now, deps.idleTtlSeconds), family.expiresAt),
    }
    const spent =
      policy.kind === 'rotate'
        ? await refreshTokens.rotate(family.id, presentation)
        : await refreshTokens.acceptCurrent(family.id, presentation)
    const about = {
      ...event,
      actor: 'client' as const,
      userId: family.userId,
      clientId: family.clientId,
      sessionId: family.sessionId,
      familyId: family.id,
    }
    switch (spent) {
      case 'rotated':
        audit({ type: 'token.refreshed', ...about })
        return generation + 1
      case 'accepted':
        audit({ type: 'token.refreshed', ...about })
        return generation
      case 'replayed':
        audit({ type: 'token.replayed', ...about, reason: 'inside the grace' })
        return generation + 1
      case 'reused':
        // Repeatable: a used token keeps answering 'reused', so a failure here is mended by the next attempt.
        await endSessions.family(family.id)
        audit({ type: 'token.reused', ...about, reason: 'an older token of the family came back' })
        return 'reused; family revoked'
      case 'ahead':
        audit({
          type: 'token.ahead_of_store',
          ...about,
          reason: 'the store is behind the token: it lost writes',
        })
        return 'ahead of the store'
      case 'gone':
        return 'revoked or expired'
    }
  }

  return async (request) => {
    const token = format.read(request.token)
    if (token === undefined) return refused('not a token of ours')
    const family = await refreshTokens.find(token.familyId)
    if (family === undefined || !format.tagMatches(token, family)) return refused('unknown')
    if (family.startedBy !== request.startedBy) return refused('belongs to another endpoint')
    if (request.client && family.clientId !== request.client.id) return refused('belongs to another client')
    const client = request.client ?? (await clients.find(family.clientId))
    if (client === undefined || client.createdAt > family.startedAt) return refused('client removed')
    const user = await standing(family, client)
    if (typeof user === 'string') return refused(user)

    const granted = family.startedBy === 'password' ? firstPartyScope(client, user) : family.scope
    const scope = request.scope ?? granted
    if (!scope.every((one) => granted.includes(one))) return { outcome: 'scope_beyond_grant' }
    // A grant that named no resource was for the client's default audience; a refresh only narrows (RFC 8707 §2.2).
    const { defaultAudience } = deps
    const grantedAudiences = resolveAudience(client, family.resource, defaultAudience)
    const resource = request.resource ?? []
    const audiences = resource.length > 0 ? [...new Set(resource)] : grantedAudiences
    if (!grantedAudiences || !audiences?.every((uri) => grantedAudiences.includes(uri)))
      return { outcome: 'resource_beyond_grant' }

    const tokens = await issue.forPerson({
      user,
      client,
      familyId: family.id,
      scope,
      audiences,
      authTime: family.authTime,
      amr: family.amr,
    })
    const generation = await spend(family, token.generation, client, {
      ip: request.ip,
      requestId: request.requestId,
    })
    if (typeof generation === 'string') return refused(generation)
    return { outcome: 'refreshed', tokens, refreshToken: format.write(family, generation), family, user }
  }
}

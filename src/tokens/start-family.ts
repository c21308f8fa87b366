// Starts a family: issues its first tokens, stores its record and adds it to a session.
import type { Audit } from '../audit.ts'
import type { Client } from '../clients/client.ts'
import { type Clock, earlier, secondsAfter } from '../clock.ts'
import { randomToken } from '../secrets.ts'
import type { EndSessions } from '../sessions/end.ts'
import { type Family, newFamilyId, type RefreshTokens } from '../sessions/family.ts'
import { maxFamiliesPerClient, type Session, type Sessions } from '../sessions/session.ts'
import type { ReadUser } from '../users/user.ts'
import type { IssuedTokens, IssueTokens } from './issue.ts'
import type { RefreshTokenFormat } from './refresh-token-format.ts'

export interface FamilyGrant extends ReadUser {
  session: Session
  client: Client
  startedBy: Family['startedBy']
  scope: readonly string[]
  /** The requested resources. They are stored with the family. */
  resource: readonly string[]
  /** The result of resolveAudience. */
  audiences: readonly string[]
  authTime: Date
  amr: readonly string[]
  nonce?: string
}

export interface PreparedFamily {
  family: Family
  tokens: IssuedTokens
  refreshToken: string
}

/**
 * Four steps. The caller runs them in this order, and may stop after each of them: the tokens have not left
 * the server then, so a family that did not join needs no cleanup.
 */
export interface StartFamily {
  /** Signs the first tokens. It stores nothing. */
  prepare(grant: FamilyGrant): Promise<PreparedFamily>
  /** Stores the family, so that it can be revoked. */
  store(prepared: PreparedFamily): Promise<void>
  /**
   * Adds the family to its session. If the client allows one session, ends the other sessions of the client.
   * 'ended': the session had ended.
   */
  join(prepared: PreparedFamily, client: Client): Promise<'joined' | 'ended'>
  /** Reports `token.issued`. Called last, when the client will receive the tokens. */
  report(prepared: PreparedFamily, by: { actor: 'user' | 'client'; ip: string; requestId: string }): void
}

export const createStartFamily = (deps: {
  clock: Clock
  sessions: Sessions
  refreshTokens: RefreshTokens
  endSessions: EndSessions
  issueTokens: IssueTokens
  refreshTokenFormat: RefreshTokenFormat
  audit: Audit
  idleTtlSeconds: number
  absoluteTtlSeconds: number
}): StartFamily => {
  const newFamily = ({ session, client, ...grant }: FamilyGrant): Family => {
    const now = deps.clock.now()
    // A family never outlives its session.
    const expiresAt = earlier(secondsAfter(now, deps.absoluteTtlSeconds), session.expiresAt)
    return {
      id: newFamilyId(),
      clientId: client.id,
      userId: session.userId,
      sessionId: session.id,
      startedBy: grant.startedBy,
      scope: grant.scope,
      resource: grant.resource,
      authTime: grant.authTime,
      amr: grant.amr,
      generation: 0,
      salt: randomToken(16),
      startedAt: now,
      rotatedAt: now,
      replays: 0,
      replayRun: 0,
      idleExpiresAt: earlier(secondsAfter(now, deps.idleTtlSeconds), expiresAt),
      expiresAt,
    }
  }

  /** The session must exist still: a sign-in that joined later may have ended it. */
  const endOther = async (id: string, { userId, clientId }: Family) => {
    if ((await deps.endSessions.session(id)) === undefined) return
    const reason = 'another sign-in of a client that allows one session'
    deps.audit({ type: 'session.ended', actor: 'system', userId, clientId, sessionId: id, reason })
  }

  return {
    prepare: async (grant) => {
      const family = newFamily(grant)
      const tokens = await deps.issueTokens.forPerson({ ...grant, family })
      return { family, tokens, refreshToken: deps.refreshTokenFormat.write(family, 0) }
    },

    store: ({ family }) => deps.refreshTokens.start(family),

    join: async ({ family }, client) => {
      const member = { familyId: family.id, clientId: family.clientId }
      const join = client.oneSession ? deps.sessions.joinAlone : deps.sessions.join
      const joining = await join(family.sessionId, member, maxFamiliesPerClient)
      if (joining.outcome === 'ended') return 'ended'
      await deps.endSessions.families(joining.displaced)
      // Sessions that joined earlier (docs/decisions/0059-one-session.md). A later one ends this session.
      for (const id of joining.others ?? []) await endOther(id, family)
      return 'joined'
    },

    report: ({ family }, { actor, ip, requestId }) =>
      deps.audit({
        type: 'token.issued',
        actor,
        userId: family.userId,
        clientId: family.clientId,
        sessionId: family.sessionId,
        familyId: family.id,
        ip,
        requestId,
      }),
  }
}

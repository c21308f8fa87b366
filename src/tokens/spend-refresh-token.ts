// Uses up a refresh token by the policy of the client, and reports the result. Nothing else in a refresh
// writes to a store. The session and the blacklist are read in the same round trip to Redis.
import type { Audit } from '../audit.ts'
import type { Client } from '../clients/client.ts'
import { type Clock, earlier, secondsAfter } from '../clock.ts'
import { type Blacklist, isClientRemoved } from '../revocation/blacklist.ts'
import type { EndSessions } from '../sessions/end.ts'
import { type Family, type RefreshTokens, repeatedReplays } from '../sessions/family.ts'
import { isLive, type Sessions } from '../sessions/session.ts'
import { isCutOff, type User } from '../users/user.ts'
import { refreshSender } from './refresh-sender.ts'

/** `generation` is the generation of the client's next refresh token. */
export type Spent = { outcome: 'spent'; generation: number } | { outcome: 'refused'; reason: string }

/**
 * @param generation the generation of the token that the client sent
 * @throws {Unavailable} if a store is down
 */
export type SpendRefreshToken = (
  family: Family,
  generation: number,
  by: { client: Client; user: User },
  request: { ip: string; requestId: string; userAgent?: string },
) => Promise<Spent>

const reuseReasons = {
  reused: 'an older token of the family was used',
  reused_elsewhere: 'inside the grace, but from another network and with another user agent',
}

export const createSpendRefreshToken = (deps: {
  clock: Clock
  refreshTokens: RefreshTokens
  sessions: Sessions
  blacklist: Blacklist
  endSessions: EndSessions
  audit: Audit
  graceSeconds: number
  idleTtlSeconds: number
}): SpendRefreshToken => {
  const { clock, refreshTokens, sessions, blacklist, endSessions, audit } = deps

  return async (family, generation, { client, user }, request) => {
    const { ip, requestId } = request
    const { refreshPolicy: policy } = client
    const now = clock.now()
    const attempt = {
      ...refreshSender(family, request),
      generation,
      now,
      graceSeconds: policy.kind === 'rotate' ? (policy.graceSeconds ?? deps.graceSeconds) : 0,
      idleExpiresAt: earlier(secondsAfter(now, deps.idleTtlSeconds), family.expiresAt),
    }
    const reading = Promise.all([
      sessions.find(family.sessionId),
      isClientRemoved(blacklist, family.clientId, family.startedAt, now),
    ])
    const using =
      policy.kind === 'rotate'
        ? refreshTokens.rotate(family.id, attempt)
        : refreshTokens.acceptCurrent(family.id, attempt)
    // If one fails, the answer still waits for the other one, so that a retry meets no half-done refresh.
    await Promise.allSettled([reading, using])
    const [[session, clientRemoved], outcome] = [await reading, await using]
    if (clientRemoved) return { outcome: 'refused', reason: 'client removed' }
    if (session === undefined || !isLive(session, now)) return { outcome: 'refused', reason: 'session ended' }
    if (isCutOff(user, session.authTime)) return { outcome: 'refused', reason: 'user signed out everywhere' }
    const context = {
      ip,
      requestId,
      actor: 'client' as const,
      userId: family.userId,
      clientId: family.clientId,
      sessionId: family.sessionId,
      familyId: family.id,
    }
    switch (outcome) {
      case 'rotated':
        audit({ type: 'token.refreshed', ...context })
        return { outcome: 'spent', generation: generation + 1 }
      case 'accepted':
        audit({ type: 'token.refreshed', ...context })
        return { outcome: 'spent', generation }
      case 'replayed':
      case 'replayed_repeatedly':
        audit({ type: 'token.replayed', ...context, reason: 'inside the grace' })
        if (outcome === 'replayed_repeatedly')
          audit({
            type: 'token.replayed_repeatedly',
            ...context,
            reason: `in ${repeatedReplays} generations in a row`,
          })
        return { outcome: 'spent', generation: generation + 1 }
      case 'reused':
      case 'reused_elsewhere':
        // The result is the same every time, so if this call fails the next attempt repeats it.
        await endSessions.family(family)
        audit({ type: 'token.reused', ...context, reason: reuseReasons[outcome] })
        return { outcome: 'refused', reason: 'reused; family revoked' }
      case 'ahead':
        audit({ type: 'token.ahead_of_store', ...context, reason: 'the store lost writes' })
        return { outcome: 'refused', reason: 'ahead of the store' }
      case 'gone':
        return { outcome: 'refused', reason: 'revoked or expired' }
    }
  }
}

// Audit events: the names and the shape of the security events. Storage is a port (AuditLog).
// An event holds ids and reasons, never a credential.

import type { Clock } from './clock.ts'
import type { ClientId, FamilyId, Kid, SessionId, UserId } from './ids.ts'
import { randomToken } from './secrets.ts'

export const auditEventTypes = [
  'login.succeeded',
  'login.failed',
  'login.throttled',
  'logout',
  'session.ended',
  'user.registered',
  'registration.throttled',
  'user.created',
  'user.imported',
  'user.changed',
  'user.disabled',
  'user.enabled',
  'user.deleted',
  'user.password_changed',
  'user.password_rehashed',
  'user.no_login_method',
  'webhook.accepted',
  'webhook.refused',
  'signal.applied',
  'signal.ignored',
  'disconnect_request.sent',
  'disconnect_request.abandoned',
  'identity.linked',
  'identity.unlinked',
  'identity.refused',
  'user.taken_over',
  'consent.granted',
  'consent.withdrawn',
  'consent.denied',
  'code.issued',
  'code.reused',
  'token.issued',
  'token.refreshed',
  'token.replayed',
  'token.reused',
  'token.ahead_of_store',
  'token.revoked',
  'token.refused',
  'client.created',
  'client.changed',
  'client.secret_rotated',
  'client.deleted',
  'client.authentication_failed',
  'client.throttled',
  'role.created',
  'role.deleted',
  'api.created',
  'api.changed',
  'api.deleted',
  'key.generated',
  'key.imported',
  'key.activated',
  'key.rotated',
  'key.revoked',
  'key.exported',
] as const

export type AuditEventType = (typeof auditEventTypes)[number]

export interface AuditEvent {
  type: AuditEventType
  actor: 'user' | 'client' | 'admin' | 'system'
  userId?: UserId
  clientId?: ClientId
  sessionId?: SessionId
  /** The family, whose id is the `sid` claim of its tokens. */
  familyId?: FamilyId
  keyId?: Kid
  ip?: string
  requestId?: string
  /** A short text that the code chooses. It never contains text that a client sent. */
  reason?: string
}

export interface AuditRecord extends AuditEvent {
  id: string
  at: Date
}

export interface AuditQuery {
  type?: AuditEventType
  userId?: UserId
  limit: number
}

/** The stored audit events. Rows are never changed. */
export interface AuditLog {
  append(records: readonly AuditRecord[]): Promise<void>
  /** Newest first. */
  list(query: AuditQuery): Promise<AuditRecord[]>
}

/** Reports an event. It never throws and never waits. */
export type Audit = (event: AuditEvent) => void

export interface AuditTrail {
  record: Audit
  /** Waits until each reported event is stored or lost. */
  flush(): Promise<void>
}

/** The number of events that may wait for the store. Above it the oldest one is only in the log. */
const maxWaiting = 10_000

/** Events of this many milliseconds share one insert. */
const gatherMs = 250

/** This many events do not wait for others. */
const fullBatch = 500

/**
 * Logs each event at once and stores it soon after. One insert runs at a time and stores all events that
 * wait. If the store is down, events are lost and no request fails
 * (docs/decisions/0015-audit-rows-follow-log-lines.md).
 * @param deps.lost receives the number of events that could not be stored, and the reason
 */
export const createAuditTrail = (deps: {
  clock: Clock
  auditLog: AuditLog
  log(record: AuditRecord): void
  lost(count: number, cause: unknown): void
}): AuditTrail => {
  let waiting: AuditRecord[] = []
  let writing: Promise<void> | undefined
  let stopGathering = () => {}

  const gather = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, gatherMs)
      stopGathering = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const drain = async () => {
    await gather()
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await deps.auditLog.append(batch)
      } catch (cause) {
        deps.lost(batch.length, cause)
      }
    }
    writing = undefined
  }

  return {
    record: (event) => {
      const record = { ...event, id: randomToken(16), at: deps.clock.now() }
      deps.log(record)
      if (waiting.length >= maxWaiting) {
        waiting.shift()
        deps.lost(1, 'too many events wait for the store')
      }
      waiting.push(record)
      writing ??= drain()
      if (waiting.length >= fullBatch) stopGathering()
    },
    flush: async () => {
      stopGathering()
      await writing
    },
  }
}

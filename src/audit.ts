// Security events: what happened, to whom, by whom. Owns their names and shape; how they are kept is a port.
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
  /** Who did it: 'user', 'client', 'admin' or 'system'. */
  actor: 'user' | 'client' | 'admin' | 'system'
  userId?: UserId
  clientId?: ClientId
  sessionId?: SessionId
  /** The refresh family, which is the `sid` of its tokens. */
  familyId?: FamilyId
  keyId?: Kid
  ip?: string
  requestId?: string
  /** Why, in a few words of ours; never text that a client sent. */
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

/** Append-only rows. */
export interface AuditLog {
  append(records: readonly AuditRecord[]): Promise<void>
  /** Newest first. */
  list(query: AuditQuery): Promise<AuditRecord[]>
}

/** What rooms hold to report an event. Never throws and never waits: the log line is written at once, the row follows. */
export type Audit = (event: AuditEvent) => void

export interface AuditTrail {
  record: Audit
  /** Waits until every reported event is a row, or has failed to become one. */
  flush(): Promise<void>
}

/** Rows that may wait for a store that is down; beyond it the oldest are given up (their log lines stand). */
const maxWaiting = 10_000

/**
 * Writes each event as a log line at once and as a row soon after: one insert at a time, carrying all that gathered
 * meanwhile. A store that is down costs rows, never the request (docs/decisions/0015-audit-rows-follow-log-lines.md).
 */
export const createAuditTrail = (deps: {
  clock: Clock
  auditLog: AuditLog
  log(record: AuditRecord): void
  lost(count: number, cause: unknown): void
}): AuditTrail => {
  let waiting: AuditRecord[] = []
  let writing: Promise<void> | undefined

  const drain = async () => {
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
    },
    flush: async () => {
      await writing
    },
  }
}

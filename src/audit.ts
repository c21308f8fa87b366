// Audit events: the names and the shape of the security events. Storage is a port (AuditLog).
// An event holds ids and reasons, never a credential.

import type { ClientId, FamilyId, Kid, SessionId, UserId } from './ids.ts'

export const auditEventTypes = [
  'login.succeeded',
  'login.failed',
  'login.throttled',
  'logout',
  'session.ended',
  'user.registered',
  'registration.throttled',
  'registration.address_taken',
  'user.created',
  'user.imported',
  'user.changed',
  'user.exported',
  'user.disabled',
  'user.enabled',
  'user.deleted',
  'user.password_changed',
  'user.password_rehashed',
  'password_reset.requested',
  'email_confirmation.requested',
  'email_change.requested',
  'mail_request.throttled',
  'email.confirmed',
  'email.changed',
  'user.no_login_method',
  'password.leak_check_failed',
  'webhook.accepted',
  'webhook.refused',
  'signal.applied',
  'signal.ignored',
  'disconnect_request.sent',
  'disconnect_request.abandoned',
  'mail.sent',
  'mail.failed',
  'mail.retried',
  'mail.tested',
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
  'token.replayed_repeatedly',
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
  'role.changed',
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
  /** For the actor `admin`: the name that the command line gave (cli/admin-name.ts). */
  admin?: string
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

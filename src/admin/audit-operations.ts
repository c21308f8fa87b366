// Lists the security events, newest first.
import { type AuditLog, type AuditRecord, auditEventTypes } from '../audit.ts'
import { defined } from '../defined.ts'
import type { Users } from '../users/user.ts'
import { invalid } from './admin-error.ts'
import { findUser } from './find-user.ts'
import { text, whole } from './input.ts'
import { type Operation, operation } from './operation.ts'

const auditView = (record: AuditRecord) => ({
  id: record.id,
  at: record.at.toISOString(),
  type: record.type,
  actor: record.actor,
  admin: record.admin ?? null,
  user: record.userId ?? null,
  client_id: record.clientId ?? null,
  session: record.sessionId ?? null,
  sid: record.familyId ?? null,
  kid: record.keyId ?? null,
  ip: record.ip ?? null,
  request_id: record.requestId ?? null,
  reason: record.reason ?? null,
})

export type AuditView = ReturnType<typeof auditView>

const listInput = { user: text, type: text, limit: whole(1, 1000) }

export interface AuditOperations {
  'audit.list': Operation<typeof listInput, AuditView[]>
}

const eventType = (given: string | undefined) => {
  const type = auditEventTypes.find((name) => name === given)
  if (given !== undefined && type === undefined)
    throw invalid(
      `There is no event type ${JSON.stringify(given)}. Use one of: ${auditEventTypes.join(', ')}.`,
    )
  return type
}

export const createAuditOperations = (deps: { auditLog: AuditLog; users: Users }): AuditOperations => {
  /** Does not look up an id, because the events of a deleted user stay in the log. */
  const userIdOf = async (user: string): Promise<string> =>
    user.startsWith('usr_') ? user : (await findUser(deps.users, user)).id

  return {
    'audit.list': operation(listInput, async ({ user, type, limit = 50 }) => {
      const query = defined({
        type: eventType(type),
        userId: user === undefined ? undefined : await userIdOf(user),
        limit,
      })
      return (await deps.auditLog.list(query)).map(auditView)
    }),
  }
}

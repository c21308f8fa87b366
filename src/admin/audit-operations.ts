// What happened: the security events, newest first.
import { type AuditLog, type AuditRecord, auditEventTypes } from '../audit.ts'
import type { Users } from '../users/user.ts'
import { invalid } from './admin-error.ts'
import { findUser } from './find-user.ts'
import { readInput } from './input.ts'
import type { Operation } from './operation.ts'

export const auditView = (record: AuditRecord) => ({
  id: record.id,
  at: record.at.toISOString(),
  type: record.type,
  actor: record.actor,
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

export const createAuditOperations = (deps: {
  auditLog: AuditLog
  users: Users
  /** Waits until what was reported is in the log. */
  flush(): Promise<void>
}) =>
  ({
    'audit.list': async (given) => {
      const input = readInput(given, ['user', 'type', 'limit'])
      const type = input.optionalText('type')
      const known = auditEventTypes.find((name) => name === type)
      if (type !== undefined && known === undefined)
        throw invalid(
          `There is no event type ${JSON.stringify(type)}; there are ${auditEventTypes.join(', ')}.`,
        )
      const user = input.optionalText('user')
      // By id even when the person is deleted: the events stay.
      const userId = user?.startsWith('usr_') ? user : user && (await findUser(deps.users, user)).id
      await deps.flush()
      const records = await deps.auditLog.list({
        ...(known !== undefined && { type: known }),
        ...(userId !== undefined && { userId }),
        limit: input.whole('limit', { min: 1, max: 1000 }) ?? 50,
      })
      return records.map(auditView)
    },
  }) satisfies Record<string, Operation>

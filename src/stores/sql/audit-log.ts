// The port AuditLog on SQL. Rows are added and never changed.
import type { AuditEvent, AuditLog, AuditRecord } from '../../audit.ts'
import type { Db } from './connection.ts'
import { withoutNulls } from './row.ts'

const columns = [
  'id',
  'at',
  'type',
  'actor',
  'userId',
  'clientId',
  'sessionId',
  'familyId',
  'keyId',
  'ip',
  'requestId',
  'reason',
] as const

/** A statement of SQLite has at most 32,766 parameters, one of PostgreSQL 65,535. */
const rowsPerStatement = 1000

const toRow = (record: AuditRecord) => ({
  ...record,
  userId: record.userId ?? null,
  clientId: record.clientId ?? null,
  sessionId: record.sessionId ?? null,
  familyId: record.familyId ?? null,
  keyId: record.keyId ?? null,
  ip: record.ip ?? null,
  requestId: record.requestId ?? null,
  reason: record.reason ?? null,
})

export const createSqlAuditLog = (db: Db): AuditLog => ({
  append: async (records) => {
    for (let from = 0; from < records.length; from += rowsPerStatement)
      await db
        .insertInto('auditEvents')
        .values(records.slice(from, from + rowsPerStatement).map(toRow))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
  },
  list: async ({ type, userId, limit }) => {
    let query = db.selectFrom('auditEvents').select(columns)
    if (type !== undefined) query = query.where('type', '=', type)
    if (userId !== undefined) query = query.where('userId', '=', userId)
    const rows = await query.orderBy('at', 'desc').orderBy('position', 'desc').limit(limit).execute()
    return rows.map(
      (row): AuditRecord => ({
        ...withoutNulls(row),
        type: row.type as AuditEvent['type'],
        actor: row.actor as AuditEvent['actor'],
      }),
    )
  },
})

// The port AuditLog on SQL. Rows are added and never changed.
import { sql } from 'kysely'
import type { AuditEvent, AuditLog, AuditRecord } from '../../audit.ts'
import type { Db } from './connection.ts'
import { json, withoutNulls } from './row.ts'

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

export const createSqlAuditLog = (db: Db): AuditLog => ({
  append: async (records) => {
    if (records.length === 0) return
    // All rows are one parameter: PostgreSQL allows only 65,535 parameters. A repeated append adds no row.
    await sql`
      insert into audit_events (id, at, type, actor, user_id, client_id, session_id, family_id, key_id, ip, request_id, reason)
      select id, at, type, actor, "userId", "clientId", "sessionId", "familyId", "keyId", ip, "requestId", reason
      from jsonb_to_recordset(${json(records)}::jsonb) as records(
        id text, at timestamptz, type text, actor text, "userId" text, "clientId" text, "sessionId" text,
        "familyId" text, "keyId" text, ip text, "requestId" text, reason text)
      on conflict (id) do nothing`.execute(db)
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

// The port AuditLog on SQL. Rows are added and never changed.
import { sql } from 'kysely'
import type { AuditEvent, AuditLog, AuditRecord } from '../../audit.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { prepare } from './prepare.ts'
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
  'admin',
] as const

/** The columns of the records in a JSON array. The text is the same for any number of records. */
const recordsOf = (db: Db, records: string) => {
  const { elementsOf, timeOf } = differencesOf(db)
  const values = columns.map((column) => {
    const text = sql<string>`elements.value ->> ${sql.lit(column)}`
    return column === 'at' ? timeOf(text) : text
  })
  // SQLite cannot read `on conflict` after a table without a `where`.
  return sql<never>`select ${sql.join(values)} from ${elementsOf(records)} where true`
}

export const createSqlAuditLog = (db: Db): AuditLog => {
  const insert = prepare(db, (values: { records: string }) =>
    db
      .insertInto('auditEvents')
      .columns(columns)
      .expression(recordsOf(db, values.records))
      .onConflict((conflict) => conflict.column('id').doNothing()),
  )
  return {
    append: async (records) => {
      if (records.length > 0) await insert({ records: json(records) })
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
  }
}

// Audit events. Rows are added and never changed.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { key, position, time } = columnTypes(db)
  await sql`
    create table audit_events (
      position ${position},
      id ${key} not null unique,
      at ${time} not null,
      type text not null,
      actor text not null,
      user_id ${key},
      client_id ${key},
      session_id text,
      family_id text,
      key_id text,
      ip text,
      request_id text,
      reason text
    )`.execute(db)
  await sql`create index audit_events_at on audit_events (at, position)`.execute(db)
  await sql`create index audit_events_user on audit_events (user_id, at, position)`.execute(db)
  await sql`create index audit_events_type on audit_events (type, at, position)`.execute(db)
}

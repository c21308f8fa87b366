// Audit events. Rows are added and never changed.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`
    create table audit_events (
      position bigint generated always as identity primary key,
      id text collate "C" not null unique,
      at timestamptz not null,
      type text not null,
      actor text not null,
      user_id text collate "C",
      client_id text collate "C",
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

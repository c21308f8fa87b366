// The network of each known verifier, so that one network cannot fill the list. The name of the admin in
// audit events.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { key } = columnTypes(db)
  await sql`alter table known_verifiers add column network ${key}`.execute(db)
  await sql`alter table audit_events add column admin text`.execute(db)
}

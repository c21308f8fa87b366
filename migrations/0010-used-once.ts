// The browser carries authorization requests and sign-ins at a provider. The database keeps what was used.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { key, time } = columnTypes(db)
  await sql`
    create table used_once (
      id ${key} primary key,
      expires_at ${time} not null
    )`.execute(db)
  await sql`create index used_once_expiry on used_once (expires_at)`.execute(db)
  await sql`drop table parked_requests`.execute(db)
  await sql`drop table upstream_attempts`.execute(db)
}

// What the installation remembers about itself: one row.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { key } = columnTypes(db)
  await sql`
    create table installation (
      id integer primary key check (id = 1),
      session_store ${key} not null
    )`.execute(db)
}

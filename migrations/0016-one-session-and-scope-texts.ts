// Whether a user has one session of a client, and what the scopes of an API mean in words.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { flag, json } = columnTypes(db)
  await sql`alter table clients add column one_session ${flag} not null default false`.execute(db)
  await sql`alter table apis add column scope_texts ${json} not null default '{}'`.execute(db)
}

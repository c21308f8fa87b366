// The network of each known verifier, so that one network cannot fill the list.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { key } = columnTypes(db)
  await sql`alter table known_verifiers add column network ${key}`.execute(db)
}

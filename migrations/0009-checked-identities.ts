// When a provider was last asked whether it still knows the connection.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`alter table identities add column checked_at timestamptz`.execute(db)
  await sql`create index identities_to_check on identities (provider, (coalesce(checked_at, linked_at)))`.execute(
    db,
  )
}

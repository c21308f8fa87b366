// The account at the provider is locked there; until it is open again nobody comes in that way.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`alter table identities add column locked_at timestamptz`.execute(db)
}

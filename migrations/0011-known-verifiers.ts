// Services that say their name when they fetch the keys, and what they were shown.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`
    create table known_verifiers (
      name text collate "C" primary key,
      kids jsonb not null,
      seen_at timestamptz not null
    )`.execute(db)
}

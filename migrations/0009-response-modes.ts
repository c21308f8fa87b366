// The ways in which a client takes authorization responses. Clients that are there already may use all.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`
    alter table clients
      add column response_modes jsonb not null default '["query", "form_post"]'`.execute(db)
}

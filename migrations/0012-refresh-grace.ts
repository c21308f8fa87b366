// What a family remembers of its grace: the sender of the last rotation, as short hashes, and its replays.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { whole } = columnTypes(db)
  const columns = {
    rotation_network: sql`text`,
    rotation_user_agent: sql`text`,
    replays: sql`${whole} not null default 0`,
    replayed_generation: whole,
    replay_run: sql`integer not null default 0`,
  }
  for (const [name, type] of Object.entries(columns))
    await sql`alter table refresh_families add column ${sql.id(name)} ${type}`.execute(db)
}

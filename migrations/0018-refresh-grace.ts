// The sender of the last rotation of a family, as short hashes: its network and its user agent.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const column of ['rotation_network', 'rotation_user_agent'])
    await sql`alter table refresh_families add column ${sql.id(column)} text`.execute(db)
}

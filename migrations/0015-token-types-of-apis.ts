// The `typ` header of an API's access tokens, for services that cannot be configured for at+jwt.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`alter table apis add column token_type text`.execute(db)
}

// Links in mails: to confirm an address, to reset a password, and to change an address.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { key, time } = columnTypes(db)
  await sql`
    create table email_links (
      token_hash ${key} primary key,
      purpose text not null,
      user_id ${key} not null references users on delete cascade,
      email text not null,
      account_hash text not null,
      created_at ${time} not null,
      expires_at ${time} not null
    )`.execute(db)
  await sql`create unique index email_links_user on email_links (user_id, purpose)`.execute(db)
  await sql`create index email_links_expiry on email_links (expires_at)`.execute(db)
}

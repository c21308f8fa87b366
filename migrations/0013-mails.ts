// The mails that wait to be sent, and those that could not be sent.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { key, time } = columnTypes(db)
  // No foreign key to the user, because the mail about a deleted account must outlive the user.
  await sql`
    create table mails (
      id ${key} primary key,
      kind text not null,
      user_id ${key},
      sealed text not null,
      attempts integer not null,
      created_at ${time} not null,
      due_at ${time} not null,
      last_error text,
      failed_at ${time}
    )`.execute(db)
  await sql`create index mails_due on mails (due_at) where failed_at is null`.execute(db)
  await sql`create index mails_failed on mails (failed_at) where failed_at is not null`.execute(db)
}

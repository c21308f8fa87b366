// Identities at providers, signals from providers, and disconnect requests to providers. The last two tables
// are queues that survive a restart.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { flag, key, position, time } = columnTypes(db)
  await sql`
    create table identities (
      provider ${key} not null,
      subject ${key} not null,
      user_id ${key} not null references users on delete cascade,
      email text,
      email_verified ${flag} not null,
      name text,
      encrypted_token text,
      linked_at ${time} not null,
      last_used_at ${time} not null,
      locked_at ${time},
      checked_at ${time},
      constraint identities_pkey primary key (provider, subject)
    )`.execute(db)
  await sql`create index identities_user on identities (user_id)`.execute(db)
  await sql`create index identities_to_check on identities (provider, (coalesce(checked_at, linked_at)))`.execute(
    db,
  )
  await sql`
    create table provider_signals (
      position ${position},
      id ${key} not null unique,
      provider ${key} not null,
      subject ${key} not null,
      action text not null,
      occurred_at ${time} not null,
      received_at ${time} not null,
      leased_until ${time},
      done_at ${time}
    )`.execute(db)
  await sql`create index provider_signals_waiting on provider_signals (provider, subject, position)
    where done_at is null`.execute(db)
  await sql`create index provider_signals_done on provider_signals (done_at)`.execute(db)
  await sql`
    create table disconnect_requests (
      provider ${key} not null,
      subject ${key} not null,
      encrypted_token text,
      attempts integer not null,
      requested_at ${time} not null,
      due_at ${time} not null,
      primary key (provider, subject)
    )`.execute(db)
  await sql`create index disconnect_requests_due on disconnect_requests (due_at)`.execute(db)
}

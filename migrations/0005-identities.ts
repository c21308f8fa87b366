// Identities at providers, signals from providers, and disconnect requests to providers. The last two tables
// are queues that survive a restart.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`
    create table identities (
      provider text collate "C" not null,
      subject text collate "C" not null,
      user_id text collate "C" not null references users on delete cascade,
      email text,
      email_verified boolean not null,
      name text,
      encrypted_token text,
      linked_at timestamptz not null,
      last_used_at timestamptz not null,
      locked_at timestamptz,
      checked_at timestamptz,
      constraint identities_pkey primary key (provider, subject)
    )`.execute(db)
  await sql`create index identities_user on identities (user_id)`.execute(db)
  await sql`create index identities_to_check on identities (provider, (coalesce(checked_at, linked_at)))`.execute(
    db,
  )
  await sql`
    create table provider_signals (
      position bigint generated always as identity primary key,
      id text collate "C" not null unique,
      provider text collate "C" not null,
      subject text collate "C" not null,
      action text not null,
      occurred_at timestamptz not null,
      received_at timestamptz not null,
      leased_until timestamptz,
      done_at timestamptz
    )`.execute(db)
  await sql`create index provider_signals_waiting on provider_signals (provider, subject, position)
    where done_at is null`.execute(db)
  await sql`create index provider_signals_done on provider_signals (done_at)`.execute(db)
  await sql`
    create table disconnect_requests (
      provider text collate "C" not null,
      subject text collate "C" not null,
      encrypted_token text,
      attempts integer not null,
      requested_at timestamptz not null,
      due_at timestamptz not null,
      primary key (provider, subject)
    )`.execute(db)
  await sql`create index provider_goodbyes_due on disconnect_requests (due_at)`.execute(db)
}

// What providers told us, and what we still have to tell them: two queues that outlive a restart.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
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
    create table provider_goodbyes (
      provider text collate "C" not null,
      subject text collate "C" not null,
      encrypted_token text,
      attempts integer not null,
      requested_at timestamptz not null,
      due_at timestamptz not null,
      primary key (provider, subject)
    )`.execute(db)
  await sql`create index provider_goodbyes_due on provider_goodbyes (due_at)`.execute(db)
}

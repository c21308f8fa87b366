// Ways in through providers; and, for installations without Redis, who is at a provider right now.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`
    create table identities (
      provider text collate "C" not null,
      subject text collate "C" not null,
      user_id text collate "C" not null references users on delete cascade,
      email text,
      email_proven boolean not null,
      name text,
      encrypted_token text,
      linked_at timestamptz not null,
      last_used_at timestamptz not null,
      constraint identities_pkey primary key (provider, subject)
    )`.execute(db)
  await sql`create index identities_user on identities (user_id)`.execute(db)
  await sql`
    create table upstream_attempts (
      state_hash text collate "C" primary key,
      provider text collate "C" not null,
      nonce text not null,
      code_verifier text not null,
      browser_hash text collate "C" not null,
      request_id text,
      purpose text not null,
      session_id text,
      offer_id text,
      lang text not null,
      started_at timestamptz not null,
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index upstream_attempts_expiry on upstream_attempts (expires_at)`.execute(db)
  await sql`
    create table offered_links (
      id_hash text collate "C" primary key,
      browser_hash text not null,
      provider text not null,
      subject text not null,
      email text not null,
      email_proven boolean not null,
      name text,
      encrypted_token text,
      request_id text,
      offered_at timestamptz not null,
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index offered_links_expiry on offered_links (expires_at)`.execute(db)
}

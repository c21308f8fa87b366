// State that expires, for installations without Redis. A row may be deleted after its `expires_at`.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`
    create table sessions (
      id text collate "C" primary key,
      user_id text collate "C" not null,
      secret_hash text,
      auth_time timestamptz not null,
      amr jsonb not null,
      started_at timestamptz not null,
      last_seen_at timestamptz not null,
      expires_at timestamptz not null,
      families jsonb not null,
      user_agent text,
      ip text
    )`.execute(db)
  await sql`create index sessions_user on sessions (user_id, started_at)`.execute(db)
  await sql`create index sessions_expiry on sessions (expires_at)`.execute(db)
  // A rotation changes no indexed column, so free space in each page keeps the update cheap.
  await sql`
    create table refresh_families (
      id text collate "C" primary key,
      client_id text not null,
      user_id text not null,
      session_id text not null,
      started_by text not null,
      scope jsonb not null,
      resource jsonb not null,
      auth_time timestamptz not null,
      amr jsonb not null,
      generation bigint not null,
      salt text not null,
      started_at timestamptz not null,
      rotated_at timestamptz not null,
      idle_expires_at timestamptz not null,
      expires_at timestamptz not null,
      revoked_at timestamptz
    ) with (fillfactor = 80)`.execute(db)
  await sql`create index refresh_families_expiry on refresh_families (expires_at)`.execute(db)
  await sql`
    create table authorization_codes (
      code_hash text collate "C" primary key,
      client_id text not null,
      user_id text not null,
      session_id text not null,
      redirect_uri text not null,
      scope jsonb not null,
      resource jsonb not null,
      nonce text,
      code_challenge text,
      auth_time timestamptz not null,
      amr jsonb not null,
      issued_at timestamptz not null,
      expires_at timestamptz not null,
      redeemed_by text
    )`.execute(db)
  await sql`create index authorization_codes_expiry on authorization_codes (expires_at)`.execute(db)
  await sql`
    create table parked_requests (
      id_hash text collate "C" primary key,
      request jsonb not null,
      parked_at timestamptz not null,
      expires_at timestamptz not null,
      consented_by_session text
    )`.execute(db)
  await sql`create index parked_requests_expiry on parked_requests (expires_at)`.execute(db)
  await sql`
    create table login_attempts (
      key text collate "C" primary key,
      count integer not null,
      next_allowed_at timestamptz not null,
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index login_attempts_expiry on login_attempts (expires_at)`.execute(db)
  await sql`
    create table blacklist (
      kind text collate "C" not null,
      value text collate "C" not null,
      cutoff timestamptz,
      revoked_at timestamptz not null,
      expires_at timestamptz not null,
      primary key (kind, value)
    )`.execute(db)
  await sql`create index blacklist_expiry on blacklist (expires_at)`.execute(db)
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
    create table link_confirmations (
      id_hash text collate "C" primary key,
      browser_hash text not null,
      provider text not null,
      subject text not null,
      email text not null,
      email_verified boolean not null,
      name text,
      encrypted_token text,
      request_id text,
      offered_at timestamptz not null,
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index offered_links_expiry on link_confirmations (expires_at)`.execute(db)
}

// State that expires, for installations without Redis. A row may be deleted after its `expires_at`.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { flag, json, key, time, updatedOften, whole } = columnTypes(db)
  await sql`
    create table sessions (
      id ${key} primary key,
      user_id ${key} not null,
      secret_hash text,
      auth_time ${time} not null,
      amr ${json} not null,
      started_at ${time} not null,
      last_seen_at ${time} not null,
      expires_at ${time} not null,
      families ${json} not null,
      user_agent text,
      ip text
    )`.execute(db)
  await sql`create index sessions_user on sessions (user_id, started_at)`.execute(db)
  await sql`create index sessions_expiry on sessions (expires_at)`.execute(db)
  // A rotation changes no indexed column, so free space in each page keeps the update cheap.
  await sql`
    create table refresh_families (
      id ${key} primary key,
      client_id text not null,
      user_id text not null,
      session_id text not null,
      started_by text not null,
      scope ${json} not null,
      resource ${json} not null,
      auth_time ${time} not null,
      amr ${json} not null,
      generation ${whole} not null,
      salt text not null,
      started_at ${time} not null,
      rotated_at ${time} not null,
      idle_expires_at ${time} not null,
      expires_at ${time} not null,
      revoked_at ${time}
    ) ${updatedOften}`.execute(db)
  await sql`create index refresh_families_expiry on refresh_families (expires_at)`.execute(db)
  await sql`
    create table authorization_codes (
      code_hash ${key} primary key,
      client_id text not null,
      user_id text not null,
      session_id text not null,
      redirect_uri text not null,
      scope ${json} not null,
      resource ${json} not null,
      nonce text,
      code_challenge text,
      auth_time ${time} not null,
      amr ${json} not null,
      issued_at ${time} not null,
      expires_at ${time} not null,
      redeemed_by text
    )`.execute(db)
  await sql`create index authorization_codes_expiry on authorization_codes (expires_at)`.execute(db)
  await sql`
    create table parked_requests (
      id_hash ${key} primary key,
      request ${json} not null,
      parked_at ${time} not null,
      expires_at ${time} not null,
      consented_by_session text
    )`.execute(db)
  await sql`create index parked_requests_expiry on parked_requests (expires_at)`.execute(db)
  await sql`
    create table login_attempts (
      key ${key} primary key,
      count integer not null,
      next_allowed_at ${time} not null,
      expires_at ${time} not null
    )`.execute(db)
  await sql`create index login_attempts_expiry on login_attempts (expires_at)`.execute(db)
  await sql`
    create table blacklist (
      kind ${key} not null,
      value ${key} not null,
      cutoff ${time},
      revoked_at ${time} not null,
      expires_at ${time} not null,
      primary key (kind, value)
    )`.execute(db)
  await sql`create index blacklist_expiry on blacklist (expires_at)`.execute(db)
  await sql`
    create table upstream_attempts (
      state_hash ${key} primary key,
      provider ${key} not null,
      nonce text not null,
      code_verifier text not null,
      browser_hash ${key} not null,
      request_id text,
      purpose text not null,
      session_id text,
      confirmation_id text,
      lang text not null,
      started_at ${time} not null,
      expires_at ${time} not null
    )`.execute(db)
  await sql`create index upstream_attempts_expiry on upstream_attempts (expires_at)`.execute(db)
  await sql`
    create table link_confirmations (
      id_hash ${key} primary key,
      browser_hash text not null,
      provider text not null,
      subject text not null,
      email text not null,
      email_verified ${flag} not null,
      name text,
      encrypted_token text,
      request_id text,
      created_at ${time} not null,
      expires_at ${time} not null
    )`.execute(db)
  await sql`create index link_confirmations_expiry on link_confirmations (expires_at)`.execute(db)
}

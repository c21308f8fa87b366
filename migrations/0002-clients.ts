// Clients, APIs (the audiences of tokens) and consents.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`
    create table clients (
      id text collate "C" primary key,
      name text not null,
      secret_hash text,
      previous_secret_hash text,
      previous_secret_expires_at timestamptz,
      redirect_uris jsonb not null,
      post_logout_redirect_uris jsonb not null,
      origins jsonb not null,
      grants jsonb not null,
      scopes jsonb not null,
      audiences jsonb not null,
      default_audience text,
      introspects jsonb not null,
      first_party boolean not null,
      pkce_required boolean not null,
      refresh_policy jsonb not null,
      response_modes jsonb not null,
      created_at timestamptz not null
    )`.execute(db)
  await sql`create index clients_origins on clients using gin (origins jsonb_path_ops)`.execute(db)
  await sql`
    create table apis (
      audience text collate "C" primary key,
      name text not null,
      scopes jsonb not null,
      access_token_ttl_seconds integer,
      claims jsonb not null,
      created_at timestamptz not null
    )`.execute(db)
  // No foreign keys, because a consent may be written while its user or client is deleted. A deletion of the
  // user or the client also deletes the consent.
  await sql`
    create table consents (
      user_id text collate "C" not null,
      client_id text collate "C" not null,
      scopes jsonb not null,
      granted_at timestamptz not null,
      primary key (user_id, client_id)
    )`.execute(db)
  await sql`create index consents_client on consents (client_id)`.execute(db)
}

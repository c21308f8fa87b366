// Clients, APIs (the audiences of tokens) and consents.
import { type Kysely, sql } from 'kysely'
import { columnTypes, isSqlite } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { flag, json, key, time } = columnTypes(db)
  await sql`
    create table clients (
      id ${key} primary key,
      name text not null,
      secret_hash text,
      previous_secret_hash text,
      previous_secret_expires_at ${time},
      redirect_uris ${json} not null,
      post_logout_redirect_uris ${json} not null,
      origins ${json} not null,
      grants ${json} not null,
      scopes ${json} not null,
      audiences ${json} not null,
      default_audience text,
      introspects ${json} not null,
      first_party ${flag} not null,
      pkce_required ${flag} not null,
      refresh_policy ${json} not null,
      response_modes ${json} not null,
      created_at ${time} not null
    )`.execute(db)
  if (!isSqlite(db))
    await sql`create index clients_origins on clients using gin (origins jsonb_path_ops)`.execute(db)
  await sql`
    create table apis (
      audience ${key} primary key,
      name text not null,
      scopes ${json} not null,
      access_token_ttl_seconds integer,
      claims ${json} not null,
      created_at ${time} not null
    )`.execute(db)
  // No foreign keys, because a consent may be written while its user or client is deleted. A deletion of the
  // user or the client also deletes the consent.
  await sql`
    create table consents (
      user_id ${key} not null,
      client_id ${key} not null,
      scopes ${json} not null,
      granted_at ${time} not null,
      primary key (user_id, client_id)
    )`.execute(db)
  await sql`create index consents_client on consents (client_id)`.execute(db)
}

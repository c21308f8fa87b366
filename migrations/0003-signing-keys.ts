// Signing keys, and the services that send their name when they fetch the keys. A key is never deleted, so a
// `kid` is never used again.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`
    create table signing_keys (
      kid text collate "C" primary key,
      alg text not null,
      public_jwk jsonb not null,
      encrypted_private_key text not null,
      created_at timestamptz not null,
      published_at timestamptz not null,
      activates_at timestamptz,
      retires_at timestamptz,
      removed_at timestamptz,
      revoked_at timestamptz
    )`.execute(db)
  await sql`
    create table known_verifiers (
      name text collate "C" primary key,
      kids jsonb not null,
      seen_at timestamptz not null
    )`.execute(db)
}

// Signing keys. Rows are never deleted, so that a `kid` never returns.
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
}

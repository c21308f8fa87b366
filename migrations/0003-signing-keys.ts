// Signing keys, and the services that send their name when they fetch the keys. A key is never deleted, so a
// `kid` is never used again.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { json, key, time } = columnTypes(db)
  await sql`
    create table signing_keys (
      kid ${key} primary key,
      alg text not null,
      public_jwk ${json} not null,
      encrypted_private_key text not null,
      created_at ${time} not null,
      published_at ${time} not null,
      activates_at ${time},
      retires_at ${time},
      removed_at ${time},
      revoked_at ${time}
    )`.execute(db)
  await sql`
    create table known_verifiers (
      name ${key} primary key,
      kids ${json} not null,
      seen_at ${time} not null
    )`.execute(db)
}

// Throttling by budgets that refill with time, and the networks from which users signed in.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { key, time, updatedOften, whole } = columnTypes(db)
  await sql`
    create table throttle_budgets (
      key ${key} primary key,
      full_ms ${whole} not null
    ) ${updatedOften}`.execute(db)
  await sql`create index throttle_budgets_full on throttle_budgets (full_ms)`.execute(db)
  await sql`
    create table known_networks (
      user_id ${key} not null,
      network ${key} not null,
      expires_at ${time} not null,
      primary key (user_id, network)
    )`.execute(db)
  await sql`create index known_networks_expiry on known_networks (expires_at)`.execute(db)
  await sql`drop table login_attempts`.execute(db)
}

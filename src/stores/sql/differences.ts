// Everything that differs between PostgreSQL and SQLite in the SQL of the stores, side by side. Times,
// booleans and JSON are in sqlite/values.ts, the types of columns in migrations/column-types.ts, the codes
// of errors in failures.ts.
import { type AliasedRawBuilder, type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely'
import type { Schema } from './schema.ts'

type Elements = AliasedRawBuilder<{ value: unknown }, 'elements'>

export interface SqlDifferences {
  /** The roles of the user of the query, in order, as JSON: `[[name, [scope, …]], …]`. */
  rolesOfUser: RawBuilder<readonly [role: string, scopes: readonly string[]][]>
  /** True if the JSON array in `column` contains `text`. */
  contains(column: string, text: string): RawBuilder<boolean>
  /** The first millisecond after the time in `column`. Null if the column is null. */
  justAfter(column: string): RawBuilder<Date>
  /** Inside a transaction: other transactions that ask for the same name wait. */
  lockByName(name: string): RawBuilder<unknown> | undefined
  /** Inside a transaction: no other transaction can change the signing keys. */
  lockSigningKeys: RawBuilder<unknown> | undefined
  /** At the end of a subquery: locks its rows, and passes over rows that another transaction has locked. */
  skipLocked: RawBuilder<unknown>
  /** The time at the database. */
  now: RawBuilder<Date>
  /** For `from`: the elements of a JSON array, one per row, in the column `value`. */
  elementsOf(array: string): Elements
  /** The value of a column that holds times. */
  timeOf(isoText: RawBuilder<string>): RawBuilder<Date>
}

const postgres: SqlDifferences = {
  // Without unnesting, because it runs for every token and its planning costs the most.
  rolesOfUser: sql`(
    select coalesce(jsonb_agg(jsonb_build_array(roles.name, roles.scopes) order by held.position), '[]')
    from user_roles held join roles on roles.name = held.role
    where held.user_id = users.id)`,
  contains: (column, text) => sql`${sql.ref(column)} @> ${JSON.stringify([text])}::jsonb`,
  justAfter: (column) => sql`${sql.ref(column)} + interval '1 millisecond'`,
  lockByName: (name) => sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`,
  lockSigningKeys: sql`lock table signing_keys in share row exclusive mode`,
  skipLocked: sql`for update skip locked`,
  now: sql`clock_timestamp()`,
  elementsOf: (array) =>
    sql<{ value: unknown }>`jsonb_array_elements(${array}::jsonb)`.as<'elements'>(sql`elements(value)`),
  timeOf: (isoText) => sql`cast(${isoText} as timestamptz)`,
}

/** A transaction of SQLite is the only one that writes, so it needs no locks. */
const sqlite: SqlDifferences = {
  rolesOfUser: sql`(
    select json_group_array(json_array(roles.name, json(roles.scopes)) order by held.position)
    from user_roles held join roles on roles.name = held.role
    where held.user_id = users.id)`,
  contains: (column, text) =>
    sql`exists (select 1 from json_each(${sql.ref(column)}) where json_each.value = ${text})`,
  justAfter: (column) => sql`${sql.ref(column)} + 1`,
  lockByName: () => undefined,
  lockSigningKeys: undefined,
  skipLocked: sql``,
  now: sql`cast(unixepoch('now', 'subsec') * 1000 as integer)`,
  elementsOf: (array) => sql<{ value: unknown }>`json_each(${array})`.as('elements'),
  timeOf: (isoText) => sql`cast(round(unixepoch(${isoText}, 'subsec') * 1000) as integer)`,
}

export const differencesOf = (db: Kysely<Schema>): SqlDifferences =>
  db.getExecutor().adapter instanceof SqliteAdapter ? sqlite : postgres

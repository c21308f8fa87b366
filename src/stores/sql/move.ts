// Copies the embedded database to an empty PostgreSQL, in one transaction. Tables and columns are those of
// the file, so a table of a later migration is copied too.
import { join } from 'node:path'
import { type RawBuilder, sql, type Transaction } from 'kysely'
import { Unavailable } from '../../unavailable.ts'
import { defaultRole } from '../../users/role.ts'
import type { Move, TableRows } from '../stores.ts'
import { openSql, sqliteFile } from './connection.ts'
import { migrate } from './migrate.ts'
import { json } from './row.ts'
import type { Schema } from './schema.ts'
import { type ExclusiveReader, openExclusively } from './sqlite/exclusive-reader.ts'

type Target = Transaction<Schema>

/** Larger statements would need more memory and would not be faster. */
const rowsPerStatement = 1000

/** Longer than in the server, where a request waits. A count of many rows takes seconds. */
const statementTimeoutSeconds = 600

/** Each database fills the tables of the migrator and the counters of changed records itself. */
const isCopied = (table: string): boolean => !table.startsWith('kysely_') && table !== 'record_versions'

/** The rows that the migrations insert. Every other row is data of an installation. */
const insertedByMigrations: Readonly<Record<string, RawBuilder<boolean>>> = {
  roles: sql<boolean>`(name = ${defaultRole} and scopes = '[]')`,
}

/** From PostgreSQL 15 on only the owner of a database may create tables in it. */
const mayCreateTables = async (target: Target): Promise<boolean> => {
  const { rows } = await sql<{ allowed: boolean | null }>`
    select has_schema_privilege(current_schema(), 'create') as allowed`.execute(target)
  return rows[0]?.allowed === true
}

/** A table of the target that holds data of an installation. */
const tableWithData = async (target: Target, tables: readonly string[]): Promise<string | undefined> => {
  for (const table of tables) {
    const { rows: found } = await sql`select 1 where to_regclass(${table}) is not null`.execute(target)
    if (found.length === 0) continue
    const inserted = insertedByMigrations[table] ?? sql`false`
    const { rows } = await sql`select 1 from ${sql.table(table)} where not ${inserted} limit 1`.execute(
      target,
    )
    if (rows.length > 0) return table
  }
  return undefined
}

/** The columns get the types of the target's table. Times and documents are JSON until then. */
const insert = async (target: Target, table: string, rows: Record<string, unknown>[]): Promise<void> => {
  const columns = sql.join(Object.keys(rows[0] ?? {}).map((column) => sql.id(column)))
  await sql`
    insert into ${sql.table(table)} (${columns}) overriding system value
    select ${columns} from json_populate_recordset(null::${sql.table(table)}, ${json(rows)}::json)`.execute(
    target,
  )
}

function* inBatches<Row>(rows: Iterable<Row>): Generator<Row[]> {
  let batch: Row[] = []
  for (const row of rows) {
    batch.push(row)
    if (batch.length < rowsPerStatement) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** @throws {Error} with the name of the table, if PostgreSQL rejects a row or has another number of rows */
const copyTable = async (source: ExclusiveReader, target: Target, table: string): Promise<TableRows> => {
  try {
    for (const batch of inBatches(source.rows(table))) await insert(target, table, batch)
  } catch (error) {
    if (error instanceof Unavailable || !(error instanceof Error)) throw error
    throw new Error(`Nothing was moved, because the table "${table}" cannot be copied: ${error.message}.`, {
      cause: error,
    })
  }
  const expected = source.count(table)
  const { rows } = await sql<{ count: string }>`select count(*) from ${sql.table(table)}`.execute(target)
  const count = Number(rows[0]?.count)
  if (count !== expected)
    throw new Error(
      `Nothing was moved, because the table "${table}" has ${expected} rows here and ${count} rows in PostgreSQL.`,
    )
  return { table, rows: count }
}

/** New rows get positions after the copied ones. `restart` is undone by a rollback, and `setval` is not. */
const continuePositions = async (target: Target, tables: readonly string[]): Promise<void> => {
  const { rows: identities } = await sql<{ table: string; column: string }>`
    select table_name as "table", column_name as "column" from information_schema.columns
    where table_schema = current_schema() and is_identity = 'YES'`.execute(target)
  for (const { table, column } of identities.filter((identity) => tables.includes(identity.table))) {
    const { rows } = await sql<{ next: string }>`
      select coalesce(max(${sql.id(column)}), 0) + 1 as next from ${sql.table(table)}`.execute(target)
    const next = sql.lit(Number(rows[0]?.next))
    await sql`alter table ${sql.table(table)} alter column ${sql.id(column)} restart with ${next}`.execute(
      target,
    )
  }
}

const copy = async (source: ExclusiveReader, target: Target): Promise<Move> => {
  const tables = source.tables.filter(isCopied)
  // Without this check the migrator would only say that the transaction failed.
  if (!(await mayCreateTables(target))) return { outcome: 'target_forbids_tables' }
  // Before the migrations, because they would lock the tables of an installation that runs there.
  const before = await tableWithData(target, tables)
  if (before !== undefined) return { outcome: 'target_holds_data', table: before }
  await migrate(target)
  // A server that starts on the target now must wait. Else both would create a signing key.
  await sql`lock table ${sql.join(tables.map((table) => sql.table(table)))} in share row exclusive mode`.execute(
    target,
  )
  const table = await tableWithData(target, tables)
  if (table !== undefined) return { outcome: 'target_holds_data', table }
  // An admin may have deleted these rows from the source.
  for (const filled of Object.keys(insertedByMigrations))
    await sql`delete from ${sql.table(filled)}`.execute(target)
  const copied: TableRows[] = []
  for (const table of tables) copied.push(await copyTable(source, target, table))
  await continuePositions(target, tables)
  return { outcome: 'moved', tables: copied }
}

const holdsData = (source: ExclusiveReader): boolean =>
  source.tables.some(
    (table) => isCopied(table) && !(table in insertedByMigrations) && source.count(table) > 0,
  )

/**
 * Copies everything or nothing. The file is not changed, and no other process can open it during the copy.
 * @param close closes the connections of this process to the file
 * @param keep false: copies and checks everything, and then rolls back
 * @throws {Unavailable} if a database is down, or {Error} with a sentence for the operator
 */
export const moveToPostgres = async (
  { dataDir, close }: { dataDir: string; close(): Promise<void> },
  { databaseUrl, keep }: { databaseUrl: string; keep: boolean },
): Promise<Move> => {
  await close()
  const source = openExclusively(join(dataDir, sqliteFile))
  if (source === undefined) return { outcome: 'source_in_use', dataDir }
  const target = await openSql({ databaseUrl, statementTimeoutSeconds })
  try {
    if (!holdsData(source)) return { outcome: 'source_is_empty', dataDir }
    const transaction = await target.db.startTransaction().execute()
    try {
      const move = await copy(source, transaction)
      if (move.outcome === 'moved' && keep) await transaction.commit().execute()
      return move
    } finally {
      // After a commit there is nothing to roll back.
      if (!transaction.isCommitted) await transaction.rollback().execute()
    }
  } finally {
    await target.close()
    source.close()
  }
}

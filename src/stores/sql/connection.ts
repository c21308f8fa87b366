// Opens and closes the SQL database: PostgreSQL at a URL, or SQLite in a file of the data directory. The same
// queries run on both. schema.ts describes the tables, and migrate.ts creates them.
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { CamelCasePlugin, type Dialect, Kysely, sql } from 'kysely'
import type { SqlChanges } from './changes.ts'
import { differencesOf } from './differences.ts'
import { guardedDialect } from './failures.ts'
import { runPreparedWith } from './prepare.ts'
import type { Schema } from './schema.ts'
import { copySqlite } from './sqlite/copy.ts'
import { createSqliteChanges } from './sqlite/sqlite-changes.ts'
import { createSqliteDialect } from './sqlite/sqlite-dialect.ts'

export type Db = Kysely<Schema>

export interface SqlDatabase {
  db: Db
  kind: 'sqlite' | 'postgres'
  changes: SqlChanges
  /** @throws {Unavailable} if the database does not answer */
  ping(): Promise<void>
  /** The time of the database's clock. @throws {Unavailable} */
  now(): Promise<Date>
  /** Copies the embedded database to a new file, also while others write to it. Absent for PostgreSQL. */
  copyTo?: (file: string) => Promise<void>
  /** Can be called twice. After it every query throws `Unavailable`. */
  close(): Promise<void>
}

/** In DATA_DIR. SQLite keeps `-wal` and `-shm` files beside it. */
export const sqliteFile = 'dojang.sqlite'

const kyselyOf = (dialect: Dialect): Db =>
  new Kysely<Schema>({
    dialect: guardedDialect(dialect),
    // Columns are snake_case in SQL and camelCase here. Keys inside JSON values are data.
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })

const databaseOf = (
  kind: SqlDatabase['kind'],
  { db, changes, end }: { db: Db; changes: SqlChanges; end(): Promise<void> },
): SqlDatabase => {
  let closing: Promise<void> | undefined
  return {
    db,
    kind,
    changes,
    ping: async () => {
      await sql`select 1`.execute(db)
    },
    now: async () => {
      const { rows } = await sql<{ now: Date }>`select ${differencesOf(db).now} as now`.execute(db)
      return new Date(rows[0]?.now ?? 0)
    },
    close: () => {
      closing ??= changes.close().finally(end)
      return closing
    },
  }
}

interface PostgresOptions {
  databaseUrl: string
  /** How long a statement may take. Short by default, because a request waits for it. */
  statementTimeoutSeconds?: number
}

const openPostgres = async ({
  databaseUrl,
  statementTimeoutSeconds = 5,
}: PostgresOptions): Promise<SqlDatabase> => {
  // Imported only here, because an embedded installation does not need the driver.
  const { createPostgresDialect } = await import('./postgres-dialect.ts')
  const { createPostgresChanges } = await import('./postgres-changes.ts')
  const { dialect, close } = createPostgresDialect(databaseUrl, statementTimeoutSeconds)
  const db = kyselyOf(dialect)
  return databaseOf('postgres', { db, changes: createPostgresChanges(db, databaseUrl), end: close })
}

const openSqlite = (dataDir: string): SqlDatabase => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, sqliteFile)
  // Only the owner may read the database. SQLite gives its other files the same mode.
  closeSync(openSync(file, 'a', 0o600))
  const { dialect, runPrepared, close } = createSqliteDialect(file)
  const db = kyselyOf(dialect)
  runPreparedWith(db, runPrepared)
  return {
    ...databaseOf('sqlite', { db, changes: createSqliteChanges(db), end: close }),
    copyTo: (copy) => copySqlite(file, copy),
  }
}

/**
 * Opens PostgreSQL if there is a URL, else SQLite in `dataDir`. PostgreSQL connects at the first query or
 * `ping`.
 * @throws {Error} a system error if `dataDir` cannot be created or written
 */
export const openSql = async (options: PostgresOptions | { dataDir: string }): Promise<SqlDatabase> =>
  'databaseUrl' in options ? openPostgres(options) : openSqlite(options.dataDir)

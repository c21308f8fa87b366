// The SQL database: PostgreSQL by URL, or PGlite (PostgreSQL in this process) in the data directory. The same Kysely code
// runs on both. Owns opening and closing; tables are schema.ts, their creation migrate.ts.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  CamelCasePlugin,
  type Dialect,
  Kysely,
  PGliteDialect,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  sql,
} from 'kysely'
import pg from 'pg'
import { lockDataDir } from './data-dir-lock.ts'
import { guardedDialect, hasSqlState } from './failures.ts'
import { plainTransactions } from './plain-transactions.ts'
import type { Schema } from './schema.ts'

export type Db = Kysely<Schema>

export interface SqlDatabase {
  db: Db
  kind: 'pglite' | 'postgres'
  /** Resolves if the database answers. @throws {Unavailable} */
  ping(): Promise<void>
  /** What time it is there. @throws {Unavailable} */
  now(): Promise<Date>
  /** Safe to repeat. Whoever asks afterwards reads `Unavailable`. */
  close(): Promise<void>
}

const connectTimeoutSeconds = 3
const statementTimeoutSeconds = 5

const kyselyOf = (dialect: Dialect): Db =>
  new Kysely<Schema>({
    dialect: guardedDialect(dialect),
    // Columns are snake_case in SQL and camelCase here; the keys inside JSON values are data and stay as they are.
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })

const database = (db: Db, kind: SqlDatabase['kind'], end: () => Promise<void>): SqlDatabase => {
  let ending: Promise<void> | undefined
  return {
    db,
    kind,
    ping: async () => {
      await sql`select 1`.execute(db)
    },
    now: async () => {
      const { rows } = await sql<{ now: Date | string }>`select clock_timestamp() as now`.execute(db)
      return new Date(rows[0]?.now ?? 0)
    },
    close: () => {
      ending ??= end()
      return ending
    },
  }
}

/** A connection that failed without an answer from the server may still be busy: it is not used again. */
const discardingPool = (pool: pg.Pool): PostgresPool => ({
  options: pool.options,
  end: () => pool.end(),
  connect: async () => {
    const client = await pool.connect()
    let broken = false
    const query = async (text: string, parameters: readonly unknown[]) => {
      if (broken) throw new Error('Connection ended by an earlier failure')
      try {
        return await client.query(text, [...parameters])
      } catch (error) {
        broken = !hasSqlState(error)
        throw error
      }
    }
    return {
      // Cursors are the other form of `query`; nothing here streams.
      query: query as unknown as PostgresPoolClient['query'],
      release: (destroy) => client.release(destroy || broken),
    }
  },
})

const openPostgres = (connectionString: string): SqlDatabase => {
  const pool = new pg.Pool({
    connectionString,
    application_name: 'dojang',
    max: 10,
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutSeconds * 1000,
    statement_timeout: statementTimeoutSeconds * 1000,
    // Later than the server's own, which leaves the connection usable: for a server that does not answer at all.
    query_timeout: (statementTimeoutSeconds + 1) * 1000,
    idle_in_transaction_session_timeout: 2 * statementTimeoutSeconds * 1000,
  })
  // Without a listener a lost connection would end the process; the next query says what is wrong.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const dialect = new PostgresDialect({ pool: discardingPool(pool) })
  return database(kyselyOf(dialect), 'postgres', () => pool.end())
}

const openPglite = async (dataDir: string | undefined): Promise<SqlDatabase> => {
  // Loaded only here: it is large, and a fleet on PostgreSQL never needs it.
  const { PGlite } = await import('@electric-sql/pglite')
  const open = async (folder?: string) => {
    const pglite = await PGlite.create(folder)
    return { pglite, db: kyselyOf(plainTransactions(new PGliteDialect({ pglite }))) }
  }
  if (dataDir === undefined) {
    const { pglite, db } = await open()
    return database(db, 'pglite', () => pglite.close())
  }
  const folder = join(dataDir, 'pglite')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unlock = lockDataDir(dataDir)
  try {
    const { pglite, db } = await open(folder)
    return database(db, 'pglite', () => pglite.close().finally(unlock))
  } catch (error) {
    unlock()
    throw error
  }
}

/**
 * Opens PostgreSQL if there is a URL (without connecting yet: see `ping`), else PGlite in `dataDir`, else PGlite in memory.
 * @throws {DataDirInUse} another process has that PGlite open
 */
export const openSql = async (options: { databaseUrl?: string; dataDir?: string }): Promise<SqlDatabase> =>
  options.databaseUrl === undefined ? openPglite(options.dataDir) : openPostgres(options.databaseUrl)

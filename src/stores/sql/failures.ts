// Decides which errors mean that the database is unavailable (down or full), and not a programming error.
import type { DatabaseConnection, Dialect, Driver } from 'kysely'
import { Unavailable } from '../../unavailable.ts'
import { SqliteError } from './sqlite/sqlite-error.ts'

/**
 * SQLSTATE classes and codes (PostgreSQL appendix A): 08 connection, 53 insufficient resources, 57P shutdown,
 * 57014 timeout, 58 system error, 40001 conflict, 40P01 deadlock, 55P03 lock, 25006 read-only replica after a
 * failover, XX001 and XX002 corrupt files.
 */
const unavailableStates = /^(08...|53...|57P..|57014|58...|40001|40P01|55P03|25006|XX00[12])$/

/** Messages of Node, pg, pg-pool and Kysely for a lost connection, which have no SQLSTATE. */
const unavailableMessages =
  /connection (terminated|error|ended|has been discarded)|is not queryable|timeout|after calling end on the pool/i

/**
 * Primary result codes of SQLite: 5 busy, 6 locked, 7 no memory, 8 read-only, 10 disk error, 11 corrupt, 13
 * full, 14 cannot open, 15 lock protocol, 26 not a database. 0 means that the connection is closed.
 */
const unavailableSqliteCodes = new Set([0, 5, 6, 7, 8, 10, 11, 13, 14, 15, 26])

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** True if the server answered with an SQLSTATE. It always contains a digit, unlike Node's EPIPE. */
export const hasSqlState = (error: unknown): boolean => /^(?=.*\d)[0-9A-Z]{5}$/.test(codeOf(error) ?? '')

export const isUnavailable = (error: unknown): boolean => {
  // The low byte of an extended code is the primary code.
  if (error instanceof SqliteError) return unavailableSqliteCodes.has(error.code & 0xff)
  const code = codeOf(error)
  // Node's system errors: ECONNREFUSED, ECONNRESET, EPIPE, ENOTFOUND, ENOSPC, … A wrong argument is ours.
  if (code !== undefined && /^E(?!RR_(INVALID_ARG|OUT_OF_RANGE))[A-Z_]{3,}$/.test(code)) return true
  if (hasSqlState(error)) return unavailableStates.test(code ?? '')
  return error instanceof Error && unavailableMessages.test(error.message)
}

const unavailable = (cause: unknown): Unavailable =>
  cause instanceof Unavailable ? cause : new Unavailable('the database', { cause })

/** Converts the errors that `isUnavailable` recognizes. */
export const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work()
  } catch (error) {
    throw isUnavailable(error) ? unavailable(error) : error
  }
}

/** Replaces U+0000 with U+FFFD, because PostgreSQL rejects it in text. */
export const storable = (parameter: unknown): unknown =>
  typeof parameter === 'string' && parameter.includes('\0')
    ? parameter.replaceAll('\0', '\u{fffd}')
    : parameter

const guardedDriver = (driver: Driver): Driver => {
  const seen = new WeakSet<DatabaseConnection>()
  const guardConnection = (connection: DatabaseConnection): DatabaseConnection => {
    if (seen.has(connection)) return connection
    seen.add(connection)
    const execute = connection.executeQuery.bind(connection)
    connection.executeQuery = (query, options) =>
      guarded(() => execute({ ...query, parameters: query.parameters.map(storable) }, options))
    return connection
  }
  return {
    init: (options) => guarded(() => driver.init(options)),
    acquireConnection: async (options) => {
      try {
        return guardConnection(await driver.acquireConnection(options))
      } catch (error) {
        // Without a connection the database is unavailable for any reason, even a wrong password.
        throw unavailable(error)
      }
    },
    beginTransaction: (connection, settings) => guarded(() => driver.beginTransaction(connection, settings)),
    commitTransaction: (connection) => guarded(() => driver.commitTransaction(connection)),
    // A failed rollback must not hide the first error. The driver has discarded that connection.
    rollbackTransaction: (connection) => driver.rollbackTransaction(connection).catch(() => {}),
    releaseConnection: (connection, options) => driver.releaseConnection(connection, options),
    destroy: (options) => driver.destroy(options),
  }
}

/** Wraps a dialect so that its connections throw `Unavailable` if the database is down or full. */
export const guardedDialect = (dialect: Dialect): Dialect => ({
  createDriver: () => guardedDriver(dialect.createDriver()),
  createAdapter: () => dialect.createAdapter(),
  createIntrospector: (db) => dialect.createIntrospector(db),
  createQueryCompiler: () => dialect.createQueryCompiler(),
})

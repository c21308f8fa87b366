// Which database errors mean "down or full", as opposed to a mistake of ours: the one place that says so.
import type { DatabaseConnection, Dialect, Driver } from 'kysely'
import { Unavailable } from '../../unavailable.ts'

/**
 * SQLSTATE classes and codes (PostgreSQL appendix A): 08 connection, 53 too little of something, 57P shutdown,
 * 57014 timeout, 58 the machine, 40 deadlock, 55P03 lock, 25006 a standby after a failover, XX001 and XX002 broken files.
 */
const unavailableStates = /^(08...|53...|57P..|57014|58...|40001|40P01|55P03|25006|XX00[12])$/

/** What Node, pg, pg-pool, Kysely and PGlite say, without an SQLSTATE, when there is no working connection. */
const unavailableMessages =
  /connection (terminated|error|ended|has been discarded)|is not queryable|timeout|after calling end on the pool|pglite is clos(ed|ing)/i

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Did the server answer? Its codes hold a digit, which tells them from Node's EPIPE. */
export const hasSqlState = (error: unknown): boolean => /^(?=.*\d)[0-9A-Z]{5}$/.test(codeOf(error) ?? '')

export const isUnavailable = (error: unknown): boolean => {
  const code = codeOf(error)
  // Node's system errors: ECONNREFUSED, ECONNRESET, EPIPE, ENOTFOUND, ENOSPC, …
  if (code !== undefined && /^E[A-Z_]{3,}$/.test(code)) return true
  if (hasSqlState(error)) return unavailableStates.test(code ?? '')
  return error instanceof Error && unavailableMessages.test(error.message)
}

const unavailable = (cause: unknown): Unavailable =>
  cause instanceof Unavailable ? cause : new Unavailable('the database', { cause })

const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work()
  } catch (error) {
    throw isUnavailable(error) ? unavailable(error) : error
  }
}

/** PostgreSQL keeps no U+0000 in text, so that no text of ours holds one: it becomes U+FFFD, as broken UTF-8 does. */
const storable = (parameter: unknown): unknown =>
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
        // Whatever the reason, a wrong password included: there is no database to ask.
        throw unavailable(error)
      }
    },
    beginTransaction: (connection, settings) => guarded(() => driver.beginTransaction(connection, settings)),
    commitTransaction: (connection) => guarded(() => driver.commitTransaction(connection)),
    // A failed rollback must not hide why it was rolled back; the driver has discarded that connection.
    rollbackTransaction: (connection) => driver.rollbackTransaction(connection).catch(() => {}),
    releaseConnection: (connection, options) => driver.releaseConnection(connection, options),
    destroy: (options) => driver.destroy(options),
  }
}

/** The dialect, whose failures to reach or use the database are `Unavailable`. */
export const guardedDialect = (dialect: Dialect): Dialect => ({
  createDriver: () => guardedDriver(dialect.createDriver()),
  createAdapter: () => dialect.createAdapter(),
  createIntrospector: (db) => dialect.createIntrospector(db),
  createQueryCompiler: () => dialect.createQueryCompiler(),
})

// Runs the transactions of PGlite as plain begin, commit and rollback statements. If a transaction cannot
// begin, Kysely's own PGlite driver never answers, and its unhandled rejection ends the process.
import { CompiledQuery, type DatabaseConnection, type Dialect, type Driver } from 'kysely'

const plainDriver = (driver: Driver): Driver => {
  let failed = false
  let known: DatabaseConnection | undefined

  // After a failed statement PostgreSQL answers COMMIT with a rollback, but without an error.
  const noteFailures = (connection: DatabaseConnection): DatabaseConnection => {
    if (connection === known) return connection
    known = connection
    const execute = connection.executeQuery.bind(connection)
    connection.executeQuery = async (query, options) => {
      try {
        return await execute(query, options)
      } catch (error) {
        failed = true
        throw error
      }
    }
    return connection
  }

  return {
    init: (options) => driver.init(options),
    acquireConnection: async (options) => noteFailures(await driver.acquireConnection(options)),
    beginTransaction: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw('begin'))
      failed = false
    },
    commitTransaction: async (connection) => {
      if (failed) throw new Error('A transaction in which a statement failed cannot be committed.')
      await connection.executeQuery(CompiledQuery.raw('commit'))
    },
    rollbackTransaction: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw('rollback'))
    },
    releaseConnection: (connection, options) => driver.releaseConnection(connection, options),
    destroy: (options) => driver.destroy(options),
  }
}

/** @param dialect has one connection, which Kysely gives to one transaction at a time */
export const plainTransactions = (dialect: Dialect): Dialect => ({
  createDriver: () => plainDriver(dialect.createDriver()),
  createAdapter: () => dialect.createAdapter(),
  createIntrospector: (db) => dialect.createIntrospector(db),
  createQueryCompiler: () => dialect.createQueryCompiler(),
})

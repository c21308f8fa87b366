// Kysely on PostgreSQL, through a pool of connections.
import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { hasSqlState } from './failures.ts'
import { statementName } from './prepare.ts'

const connectTimeoutSeconds = 3

type Run = (client: pg.PoolClient, text: string, values: unknown[]) => Promise<pg.QueryResult>

/**
 * The statement does not exist on the server, or another client has made it. Both happen behind a pooler that
 * gives each transaction another connection and does not know prepared statements.
 */
const foreignStatementStates = ['26000', '42P05']

/** Uses prepared statements until a pooler turns out not to support them. */
const preparing = (): Run => {
  let supported = true
  return async (client, text, values) => {
    const name = supported ? statementName(text) : undefined
    if (name === undefined) return client.query(text, values)
    try {
      return await client.query({ name, text, values })
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === undefined || !foreignStatementStates.includes(code)) throw error
      // Nothing has run. Prepared queries never run inside a transaction, which an error would end.
      supported = false
      return client.query(text, values)
    }
  }
}

/** Discards a connection after a query without an answer, because the server may still run the query. */
const discardingPool = (pool: pg.Pool, run: Run): PostgresPool => ({
  options: pool.options,
  end: () => pool.end(),
  connect: async () => {
    const client = await pool.connect()
    let broken = false
    const query = async (text: string, parameters: readonly unknown[]) => {
      // failures.ts recognizes this message.
      if (broken) throw new Error('Connection ended by an earlier failure')
      try {
        return await run(client, text, [...parameters])
      } catch (error) {
        broken = !hasSqlState(error)
        throw error
      }
    }
    return {
      // The type also allows cursors, which Dojang does not use.
      query: query as unknown as PostgresPoolClient['query'],
      release: (destroy) => client.release(destroy || broken),
    }
  },
})

/** Connects at the first query. */
export const createPostgresDialect = (
  connectionString: string,
  statementTimeoutSeconds: number,
): { dialect: Dialect; close(): Promise<void> } => {
  const pool = new pg.Pool({
    connectionString,
    application_name: 'dojang',
    max: 10,
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutSeconds * 1000,
    statement_timeout: statementTimeoutSeconds * 1000,
    // For a server that does not answer at all. Later than statement_timeout, which keeps the connection.
    query_timeout: (statementTimeoutSeconds + 1) * 1000,
    idle_in_transaction_session_timeout: 2 * statementTimeoutSeconds * 1000,
  })
  // Without a listener a lost connection would end the process. The next query reports the problem.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    dialect: new PostgresDialect({ pool: discardingPool(pool, preparing()) }),
    close: () => pool.end(),
  }
}

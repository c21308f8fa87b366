// Kysely on SQLite: reads run at once on this thread, writes go through the writer.
import { DatabaseSync } from 'node:sqlite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type SelectModifierNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { configure } from './connection-settings.ts'
import type { WriteTransaction } from './group.ts'
import type { Rows, Statement } from './messages.ts'
import { SqliteError } from './sqlite-error.ts'
import { createStatementCache, type StatementCache } from './statement-cache.ts'
import { readRow, toParameter } from './values.ts'
import { createSqliteWriter, type SqliteWriter } from './writer.ts'

/** A migration runs in a transaction, which excludes every other writer. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl() {
    return true
  }

  override get supportsMultipleConnections() {
    return true
  }
}

/** A write transaction of SQLite is the only one, so row locks mean nothing here. */
class LocklessCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier === 'Distinct') super.visitSelectModifier(node)
  }
}

const statementOf = ({ sql, parameters }: CompiledQuery): Statement => ({
  sql,
  parameters: parameters.map(toParameter),
})

const resultOf = <Row>({ rows, changes }: Rows): QueryResult<Row> => ({
  rows: rows.map(readRow) as Row[],
  numAffectedRows: BigInt(changes),
})

const isRead = ({ query, sql }: CompiledQuery): boolean =>
  query.kind === 'SelectQueryNode' || (query.kind === 'RawNode' && /^\s*(select|pragma)\b/i.test(sql))

class SqliteConnection implements DatabaseConnection {
  #transaction: WriteTransaction | undefined
  readonly #reader: () => StatementCache
  readonly #writer: SqliteWriter

  constructor(reader: () => StatementCache, writer: SqliteWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  async begin(): Promise<void> {
    this.#transaction = await this.#writer.begin()
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    const transaction = this.#transaction
    this.#transaction = undefined
    await transaction?.[how]()
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = statementOf(query)
    if (this.#transaction !== undefined) return resultOf(await this.#transaction.run(statement))
    return resultOf(isRead(query) ? this.#read(statement) : await this.#writer.run(statement))
  }

  #read(statement: Statement): Rows {
    try {
      return this.#reader().run(statement)
    } catch (error) {
      throw SqliteError.from(error)
    }
  }

  // biome-ignore lint/correctness/useYield: nothing here streams
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('Queries on SQLite are not streamed.')
  }
}

/** @throws {SqliteError} */
const openReader = (file: string): DatabaseSync => {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file)
    configure(db)
    db.exec('pragma query_only = on')
    return db
  } catch (error) {
    db?.close()
    throw SqliteError.from(error)
  }
}

/** @param file is created if it is missing; its folder must exist */
export const createSqliteDialect = (file: string): { dialect: Dialect; close(): Promise<void> } => {
  let reader: { db: DatabaseSync; statements: StatementCache } | undefined
  let writer: SqliteWriter | undefined
  let isClosed = false

  /**
   * Queries after it fail with a SqliteError. Kysely's own `destroy` would fail them with an error of its
   * own.
   */
  const close = async () => {
    isClosed = true
    await writer?.close()
    reader?.db.close()
    reader = undefined
  }

  const driver: Driver = {
    init: async () => {
      if (isClosed) throw new SqliteError('the database connection is closed', 0)
      const db = openReader(file)
      reader = { db, statements: createStatementCache(db) }
      writer = createSqliteWriter(file)
    },
    acquireConnection: async () => {
      if (writer === undefined) throw new SqliteError('the database is not open', 0)
      return new SqliteConnection(() => {
        if (reader === undefined) throw new SqliteError('the database connection is closed', 0)
        return reader.statements
      }, writer)
    },
    beginTransaction: (connection) => (connection as SqliteConnection).begin(),
    commitTransaction: (connection) => (connection as SqliteConnection).end('commit'),
    rollbackTransaction: (connection) => (connection as SqliteConnection).end('rollback'),
    releaseConnection: async () => {},
    destroy: () => close(),
  }

  const dialect: Dialect = {
    createDriver: () => driver,
    createAdapter: () => new TransactionalAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new LocklessCompiler(),
  }
  return { dialect, close }
}

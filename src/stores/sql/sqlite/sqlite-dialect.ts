// Kysely on SQLite, and a shortcut for prepared queries. Reads run at once on this thread, writes go through
// the writer.
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
import { guarded, storable } from '../failures.ts'
import type { RunPrepared } from '../prepare.ts'
import { configure } from './connection-settings.ts'
import type { WriteTransaction } from './group.ts'
import type { Rows, Statement } from './messages.ts'
import { SqliteError } from './sqlite-error.ts'
import { createStatementCache, type StatementCache } from './statement-cache.ts'
import { readRows, toParameter } from './values.ts'
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

const resultOf = <Row>(found: Rows): QueryResult<Row> => ({
  rows: readRows(found) as Row[],
  numAffectedRows: BigInt(found.changes),
})

const isRead = ({ query, sql }: CompiledQuery): boolean =>
  query.kind === 'SelectQueryNode' || (query.kind === 'RawNode' && /^\s*(select|pragma)\b/i.test(sql))

interface File {
  db: DatabaseSync
  statements: StatementCache
  writer: SqliteWriter
}

/** @throws {SqliteError} if the file is closed, or cannot be opened */
type OpenFile = () => File

const run = ({ statements, writer }: File, statement: Statement, reads: boolean): Rows | Promise<Rows> => {
  if (!reads) return writer.run(statement)
  try {
    return statements.run(statement)
  } catch (error) {
    throw SqliteError.from(error)
  }
}

/** Kysely's executor and its plugin cost more than such a small query. */
const runningPrepared =
  (open: OpenFile): RunPrepared =>
  (query, parameters) =>
    guarded(async () => {
      const statement = {
        sql: query.sql,
        parameters: parameters.map((value) => toParameter(storable(value))),
      }
      return readRows(await run(open(), statement, isRead(query)), 'member')
    })

class SqliteConnection implements DatabaseConnection {
  #transaction: WriteTransaction | undefined
  readonly #open: OpenFile

  constructor(open: OpenFile) {
    this.#open = open
  }

  async begin(): Promise<void> {
    this.#transaction = await this.#open().writer.begin()
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    const transaction = this.#transaction
    this.#transaction = undefined
    await transaction?.[how]()
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = statementOf(query)
    if (this.#transaction !== undefined) return resultOf(await this.#transaction.run(statement))
    return resultOf(await run(this.#open(), statement, isRead(query)))
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
export const createSqliteDialect = (
  file: string,
): { dialect: Dialect; runPrepared: RunPrepared; close(): Promise<void> } => {
  let opened: File | undefined
  let isClosed = false

  const open: OpenFile = () => {
    if (opened !== undefined) return opened
    if (isClosed) throw new SqliteError('the database connection is closed', 0)
    const db = openReader(file)
    opened = { db, statements: createStatementCache(db), writer: createSqliteWriter(file) }
    return opened
  }

  /**
   * Queries after it fail with a SqliteError. Kysely's own `destroy` would fail them with an error of its
   * own.
   */
  const close = async () => {
    isClosed = true
    const closing = opened
    await closing?.writer.close()
    opened = undefined
    if (closing?.db.isOpen) closing.db.close()
  }

  const driver: Driver = {
    init: async () => void open(),
    acquireConnection: async () => new SqliteConnection(open),
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
  return { dialect, runPrepared: runningPrepared(open), close }
}

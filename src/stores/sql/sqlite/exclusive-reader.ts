// Reads the SQLite file while no other process has it open: neither a server nor a command.
import { DatabaseSync } from 'node:sqlite'
import { isBusyCode, SqliteError } from './sqlite-error.ts'
import { readRows } from './values.ts'

export interface ExclusiveReader {
  /** In the order of their creation, so that a table comes after those that its foreign keys name. */
  tables: readonly string[]
  count(table: string): number
  /** Reads row by row, so that the memory does not depend on the size of the table. */
  rows(table: string): Iterable<Record<string, unknown>>
  close(): void
}

/** A command that runs beside this one may finish first. A server does not. */
const busyTimeoutMs = 2000

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * In WAL mode every open connection holds a shared lock on the file, and the operating system drops the locks
 * of a process that dies. So an exclusive lock means that no server runs, and none can start until `close`.
 */
const lock = (db: DatabaseSync): void => {
  db.exec(`pragma busy_timeout = ${busyTimeoutMs}`)
  db.exec('pragma query_only = on')
  db.exec('pragma locking_mode = exclusive')
  // The first read takes the lock.
  db.prepare('select count(*) from sqlite_schema').get()
}

const readerOf = (db: DatabaseSync): ExclusiveReader => ({
  tables: db
    .prepare(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by rowid",
    )
    .all()
    .map(({ name }) => String(name)),
  count: (table) => Number(db.prepare(`select count(*) as "rows" from ${quoted(table)}`).get()?.rows),
  *rows(table) {
    for (const row of db.prepare(`select * from ${quoted(table)}`).iterate())
      yield* readRows({ columns: Object.keys(row), rows: [Object.values(row)] })
  },
  close: () => db.close(),
})

/**
 * Undefined if another connection has the file open, also one of this process.
 * @throws {SqliteError} if the file cannot be read
 */
export const openExclusively = (file: string): ExclusiveReader | undefined => {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file)
    lock(db)
    return readerOf(db)
  } catch (error) {
    db?.close()
    const failure = SqliteError.from(error)
    if (failure instanceof SqliteError && isBusyCode(failure.code)) return undefined
    throw failure
  }
}

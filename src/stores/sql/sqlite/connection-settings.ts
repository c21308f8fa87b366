// The settings of every connection to the SQLite file.
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'

type Value = NonNullable<SQLOutputValue>

/** How long a writer waits for the write lock of another process. */
export const busyTimeoutMs = 5000

/**
 * Every commit is on the disk before it is answered (`synchronous=FULL`). Readers do not wait for the
 * writer (WAL).
 */
export const configure = (db: DatabaseSync): void => {
  db.exec(`pragma busy_timeout = ${busyTimeoutMs}`)
  db.exec('pragma journal_mode = wal')
  db.exec('pragma synchronous = full')
  db.exec('pragma foreign_keys = on')
  // PostgreSQL has these two functions; SQLite calls them max and min, and gives null if any value is null.
  const better = { greatest: (a: Value, b: Value) => a > b, least: (a: Value, b: Value) => a < b }
  for (const [name, wins] of Object.entries(better))
    db.function(name, { deterministic: true, varargs: true }, (...values) => {
      const [first = null, ...others] = values.filter((value): value is Value => value !== null)
      return others.reduce((best, value) => (best === null || wins(value, best) ? value : best), first)
    })
}

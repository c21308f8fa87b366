// The types of columns, for PostgreSQL and for SQLite.
import { type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely'

export interface ColumnTypes {
  /** Text that compares byte by byte, the same on every server. */
  key: RawBuilder<unknown>
  time: RawBuilder<unknown>
  json: RawBuilder<unknown>
  flag: RawBuilder<unknown>
  /** A whole number beyond 32 bits. */
  whole: RawBuilder<unknown>
  /** A primary key that grows with every row. */
  position: RawBuilder<unknown>
  /** After a table that is updated often: free space in each page keeps its updates cheap. */
  updatedOften: RawBuilder<unknown>
}

const postgres: ColumnTypes = {
  key: sql`text collate "C"`,
  time: sql`timestamptz`,
  json: sql`jsonb`,
  flag: sql`boolean`,
  whole: sql`bigint`,
  position: sql`bigint generated always as identity primary key`,
  updatedOften: sql`with (fillfactor = 80)`,
}

/** Times are milliseconds since 1970, flags 0 or 1, and JSON is text. */
const sqlite: ColumnTypes = {
  key: sql`text`,
  time: sql`integer`,
  json: sql`text`,
  flag: sql`integer`,
  whole: sql`integer`,
  position: sql`integer primary key autoincrement`,
  updatedOften: sql``,
}

export const isSqlite = (db: Kysely<unknown>): boolean => db.getExecutor().adapter instanceof SqliteAdapter

export const columnTypes = (db: Kysely<unknown>): ColumnTypes => (isSqlite(db) ? sqlite : postgres)

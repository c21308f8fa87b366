// Changes in the embedded database. SQLite counts the commits of other connections in memory that they share.
// The writer thread is another connection too, so this process also hears of its own changes.
import { type Kysely, sql } from 'kysely'
import { createRecordVersions, type SqlChanges } from '../changes.ts'
import type { Schema } from '../schema.ts'

export const createSqliteChanges = (db: Kysely<Schema>): SqlChanges => {
  const { subscribe, read } = createRecordVersions(db)
  let checked: number | undefined

  return {
    subscribe,
    // The check costs microseconds, because it reads no page of the file.
    checkEverySeconds: 0.2,
    check: async () => {
      const { rows } = await sql<{ dataVersion: number }>`pragma data_version`.execute(db)
      const dataVersion = rows[0]?.dataVersion
      if (dataVersion === checked) return
      await read()
      checked = dataVersion
    },
    close: async () => {},
  }
}

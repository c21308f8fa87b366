// The backends of the ports whose records last: memory, SQLite and PostgreSQL.
import { afterAll, beforeAll, describe } from 'vitest'
import { openEmptySqlite } from '../../harness/empty-database.ts'
import { openSql } from '../../src/stores/sql/connection.ts'
import { migrate } from '../../src/stores/sql/migrate.ts'
import { createSqlLastingStores } from '../../src/stores/sql/sql-stores.ts'
import type { LastingStores } from '../../src/stores/stores.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { isMissing, postgresDatabase } from '../support/services.ts'

interface Opened {
  stores: LastingStores
  close(): Promise<void>
}

const openOnSqlite = async (): Promise<Opened> => {
  const { db, close } = await openEmptySqlite()
  return { stores: createSqlLastingStores(db), close }
}

const openOnPostgres = async (): Promise<Opened> => {
  const database = await postgresDatabase()
  const { db, close } = await openSql({ databaseUrl: database.url })
  await migrate(db)
  return {
    stores: createSqlLastingStores(db),
    close: async () => {
      await close()
      await database.close()
    },
  }
}

const backends = [
  { name: 'memory', skipped: false, open: async () => ({ stores: memoryStores(), close: async () => {} }) },
  { name: 'SQLite', skipped: false, open: openOnSqlite },
  { name: 'PostgreSQL', skipped: isMissing('postgres'), open: openOnPostgres },
]

/** Runs the contract of a port on every backend. Tests share the data, so they use random names. */
export const onLastingBackends = (
  port: string,
  contract: (stores: <Name extends keyof LastingStores>(name: Name) => LastingStores[Name]) => void,
): void => {
  for (const { name, skipped, open } of backends) {
    describe.skipIf(skipped)(`${port} in ${name}`, () => {
      let opened: Opened | undefined
      beforeAll(async () => {
        opened = await open()
      })
      afterAll(async () => {
        await opened?.close()
      })
      contract((port) => {
        if (opened === undefined) throw new Error('The backend is not open.')
        return opened.stores[port]
      })
    })
  }
}

/** Makes `count` concurrent calls. Returns the results in order. */
export const atOnce = <Result>(count: number, call: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)))

// The backends of the ports whose records expire: memory, SQLite, PostgreSQL and Redis.
import { afterAll, beforeAll, describe } from 'vitest'
import { openEmptySqlite } from '../../harness/empty-database.ts'
import { openRedis } from '../../src/stores/redis/connection.ts'
import { createRedisExpiringStores } from '../../src/stores/redis/redis-stores.ts'
import { openSql } from '../../src/stores/sql/connection.ts'
import { migrate } from '../../src/stores/sql/migrate.ts'
import { createSqlExpiringStores } from '../../src/stores/sql/sql-stores.ts'
import type { ExpiringStores } from '../../src/stores/stores.ts'
import { memoryExpiringStores } from '../support/memory/expiring-stores.ts'
import { isMissing, postgresDatabase, redisDatabase } from '../support/services.ts'

export interface OpenBackend {
  /** The stores of two instances on the same data. Each has its own connection, if there are connections. */
  instances: readonly [ExpiringStores, ExpiringStores]
  close(): Promise<void>
}

export interface Backend {
  name: string
  missing: boolean
  open(): Promise<OpenBackend>
}

const memory: Backend = {
  name: 'memory',
  missing: false,
  open: async () => {
    const stores = memoryExpiringStores()
    return { instances: [stores, stores], close: async () => {} }
  },
}

const sqlite: Backend = {
  name: 'SQLite',
  missing: false,
  open: async () => {
    // Two connections with a writer each, as in two processes on one file.
    const one = await openEmptySqlite()
    const two = await openSql({ dataDir: one.dataDir })
    return {
      instances: [createSqlExpiringStores(one.db), createSqlExpiringStores(two.db)],
      close: () => two.close().finally(one.close),
    }
  },
}

const postgres: Backend = {
  name: 'PostgreSQL',
  missing: isMissing('postgres'),
  open: async () => {
    const database = await postgresDatabase()
    const [one, two] = [
      await openSql({ databaseUrl: database.url }),
      await openSql({ databaseUrl: database.url }),
    ]
    await migrate(one.db)
    return {
      instances: [createSqlExpiringStores(one.db), createSqlExpiringStores(two.db)],
      close: async () => {
        await Promise.all([one.close(), two.close()])
        await database.close()
      },
    }
  },
}

const redis: Backend = {
  name: 'Redis',
  missing: isMissing('redis'),
  open: async () => {
    const database = await redisDatabase()
    const [one, two] = [openRedis(database.url), openRedis(database.url)]
    return {
      instances: [createRedisExpiringStores(one), createRedisExpiringStores(two)],
      close: async () => {
        await Promise.all([one.close(), two.close()])
        await database.close()
      },
    }
  },
}

export const realBackends: readonly Backend[] = [sqlite, postgres, redis]
export const backends: readonly Backend[] = [memory, ...realBackends]

/** Runs the contract of a port on every backend. Tests share the data, so they use random ids. */
export const onExpiringBackends = <Port extends keyof ExpiringStores>(
  port: Port,
  contract: (open: {
    store: () => ExpiringStores[Port]
    instances: () => readonly ExpiringStores[Port][]
  }) => void,
): void => {
  for (const backend of backends)
    describe.skipIf(backend.missing)(`${port} in ${backend.name}`, () => {
      let opened: OpenBackend | undefined

      beforeAll(async () => {
        opened = await backend.open()
      })
      afterAll(async () => {
        await opened?.close()
      })

      const instances = () => {
        if (opened === undefined) throw new Error(`${backend.name} is not open.`)
        return opened.instances.map((stores) => stores[port])
      }
      const store = () => {
        const [first] = instances()
        if (first === undefined) throw new Error(`${backend.name} has no instance.`)
        return first
      }
      contract({ store, instances })
    })
}

/** Makes `count` concurrent calls, spread over the instances. Returns the answers in order. */
export const concurrently = <Store, Answer>(
  count: number,
  instances: readonly Store[],
  call: (store: Store, number: number) => Promise<Answer>,
): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: count }, (_, number) => {
      const instance = instances[number % instances.length]
      if (instance === undefined) throw new Error('There is no instance.')
      return call(instance, number)
    }),
  )

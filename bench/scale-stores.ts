// The three kinds of store that `npm run bench:scale` fills, and how large their records are.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { sql } from 'kysely'
import pg from 'pg'
import type { RefreshTokens } from '../src/sessions/family.ts'
import type { Sessions } from '../src/sessions/session.ts'
import { openRedis } from '../src/stores/redis/connection.ts'
import { createRedisExpiringStores } from '../src/stores/redis/redis-stores.ts'
import { type Db, openSql } from '../src/stores/sql/connection.ts'
import { createSqlExpiringStores } from '../src/stores/sql/sql-stores.ts'
import type { Stores } from './durable-stores.ts'
import { type Installation, newInstallation } from './installation.ts'
import { type Filler, redisFiller, sqlFiller } from './scale-fill.ts'
import type { Records } from './scale-records.ts'

/** Bytes of all families and all sessions, with their indexes. */
export interface Sizes {
  families: number
  sessions: number
}

export interface Opened {
  db: Db
  ports: { sessions: Sessions; refreshTokens: RefreshTokens }
  filler(records: Records): Filler
  /** Does what the store would do soon after so many writes, so that it does not disturb the measurement. */
  settle(): Promise<void>
  /** Undefined if the store cannot say it for each kind of record. Then `total` is read around each step. */
  sizes: (() => Promise<Sizes>) | undefined
  /** Bytes of the whole store. */
  total(): Promise<number>
  close(): Promise<void>
}

export interface ScaleStore {
  name: string
  installation: Installation
  storePids: readonly number[]
  /** Opens the stores in this process, while no server runs. */
  open(): Promise<Opened>
}

const sqliteStore = async (): Promise<ScaleStore> => {
  const installation = await newInstallation(1, {})
  return {
    name: 'SQLite',
    installation,
    storePids: [],
    open: async () => {
      const { db, close } = await openSql({ dataDir: installation.dataDir })
      const number = async (query: ReturnType<typeof sql<{ bytes: number }>>) =>
        Number((await query.execute(db)).rows[0]?.bytes)
      const bytesOf = (table: string) =>
        number(
          sql`select sum(pgsize) as bytes from dbstat join sqlite_master using (name) where tbl_name = ${table}`,
        )
      return {
        db,
        ports: createSqlExpiringStores(db),
        filler: (records) => sqlFiller(db, records),
        settle: async () => {},
        sizes: async () => ({
          families: await bytesOf('refresh_families'),
          sessions: await bytesOf('sessions'),
        }),
        total: () =>
          number(sql`select page_count * page_size as bytes from pragma_page_count, pragma_page_size`),
        close,
      }
    },
  }
}

/** On its own connection, because Dojang's connections limit the time of a statement. */
const vacuum = async (databaseUrl: string): Promise<void> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('vacuum analyze')
  await client.query('checkpoint')
  await client.end()
}

/** Redis takes a snapshot after 10,000 changes. Writing a large one needs a core for many seconds. */
const snapshot = async (redis: Redis): Promise<void> => {
  for (const begin = performance.now(); performance.now() - begin < 180_000; await sleep(500)) {
    const info = await redis.info('persistence')
    const value = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])
    if (value('rdb_bgsave_in_progress') + value('aof_rewrite_in_progress') > 0) continue
    if (value('rdb_changes_since_last_save') < 10_000) return
    await redis.bgsave()
  }
}

const postgresStore = async ({ postgres }: Stores): Promise<ScaleStore> => {
  const databaseUrl = await postgres.createDatabase('scale')
  return {
    name: 'PostgreSQL',
    installation: await newInstallation(1, { DATABASE_URL: databaseUrl }),
    storePids: [postgres.pid],
    open: async () => {
      const { db, close } = await openSql({ databaseUrl })
      const number = async (query: ReturnType<typeof sql<{ bytes: string }>>) =>
        Number((await query.execute(db)).rows[0]?.bytes)
      const bytesOf = (table: string) => number(sql`select pg_total_relation_size(${table}) as bytes`)
      return {
        db,
        ports: createSqlExpiringStores(db),
        filler: (records) => sqlFiller(db, records),
        settle: () => vacuum(databaseUrl),
        sizes: async () => ({
          families: await bytesOf('refresh_families'),
          sessions: await bytesOf('sessions'),
        }),
        total: () => number(sql`select pg_database_size(current_database()) as bytes`),
        close,
      }
    },
  }
}

const redisStore = async ({ postgres, redis }: Stores): Promise<ScaleStore> => {
  const databaseUrl = await postgres.createDatabase('scale_redis')
  const redisUrl = redis.url(1)
  return {
    name: 'Redis',
    installation: await newInstallation(1, { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl }),
    storePids: [postgres.pid, redis.pid],
    open: async () => {
      const database = await openSql({ databaseUrl })
      const connection = openRedis(redisUrl)
      const ports = createRedisExpiringStores(connection)
      return {
        db: database.db,
        ports,
        filler: (records) => redisFiller(ports, records),
        settle: async () => {
          await vacuum(databaseUrl)
          await snapshot(redis.admin)
        },
        sizes: undefined,
        total: async () => Number(/^used_memory:(\d+)/m.exec(await redis.admin.info('memory'))?.[1]),
        close: async () => {
          await connection.close()
          await database.close()
        },
      }
    },
  }
}

/** Functions, so that one store is filled while the others are still empty. */
export const scaleStores: Readonly<Record<string, (stores: Stores) => Promise<ScaleStore>>> = {
  sqlite: sqliteStore,
  postgres: postgresStore,
  redis: redisStore,
}

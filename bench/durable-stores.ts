// A PostgreSQL and a Redis that write to the disk as in production. The tests use faster settings, which
// would make the benchmark wrong.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { freePort } from '../harness/free-port.ts'
import { removeFolder, serve, temporaryFolder, unprivileged } from '../harness/process.ts'
import { initializePostgres, postgresFolder } from '../harness/start-postgres.ts'
import { redisBinary } from '../harness/start-redis.ts'
import { randomToken } from '../src/secrets.ts'
import { stopLater } from './stop-list.ts'

export const postgresSettings = 'fsync=on, synchronous_commit=on (its defaults)'
export const redisSettings =
  'appendonly yes and noeviction (docs/operations.md), appendfsync everysec and snapshots (its defaults)'

export interface Postgres {
  pid: number
  /** A connection to the database `postgres`. */
  admin: pg.Client
  /** Undefined if the extension pg_stat_statements is not installed. */
  statements(database: string): Promise<number | undefined>
  /** Creates an empty database and returns its URL. */
  createDatabase(name: string): Promise<string>
}

export interface RedisServer {
  pid: number
  /** A connection to the database 0. */
  admin: Redis
  /** How often Redis has read from a socket. Commands that arrive together need one read. */
  reads(): Promise<number>
  url(database: number): string
}

export interface Stores {
  postgres: Postgres
  redis: RedisServer
}

const connected = async (url: string): Promise<pg.Client | undefined> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch {
    await client.end().catch(() => {})
    return undefined
  }
}

const startPostgres = async (binaries: string): Promise<Postgres> => {
  const identity = unprivileged()
  const folder = temporaryFolder(identity)
  stopLater(() => removeFolder(folder))
  const password = randomToken(16)
  const data = await initializePostgres(binaries, folder, password, identity)
  const port = await freePort()
  const urlOf = (database: string) => `postgres://dojang:${password}@127.0.0.1:${port}/${database}`

  const start = async (preload: readonly string[]) => {
    let admin: pg.Client | undefined
    const address = ['-p', String(port), '-h', '127.0.0.1', '-k', '']
    const { stop } = await serve(
      join(binaries, 'postgres'),
      ['-D', data, ...address, ...preload, '-c', 'max_connections=200'],
      { cwd: folder, ...identity, stopSignal: 'SIGINT' },
      async () => {
        admin = await connected(urlOf('postgres'))
        return admin !== undefined
      },
    )
    stopLater(stop)
    if (admin === undefined) throw new Error('PostgreSQL does not accept connections.')
    return admin
  }
  const counting = ['-c', 'shared_preload_libraries=pg_stat_statements']
  const admin = await start(counting).catch(() => start([]))
  const counts = await admin.query('create extension pg_stat_statements').then(
    () => true,
    () => false,
  )

  return {
    pid: Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]),
    admin,
    statements: async (database) => {
      if (!counts) return undefined
      const { rows } = await admin.query(
        'select sum(calls) from pg_stat_statements join pg_database on oid = dbid where datname = $1',
        [database],
      )
      return Number(rows[0].sum)
    },
    createDatabase: async (name) => {
      await admin.query(`create database ${name}`)
      return urlOf(name)
    },
  }
}

const startRedis = async (binary: string): Promise<RedisServer> => {
  const folder = temporaryFolder()
  stopLater(() => removeFolder(folder))
  const port = await freePort()
  const password = randomToken(16)
  const url = (database: number) => `redis://:${password}@127.0.0.1:${port}/${database}`
  const input = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    'databases 64',
    'appendonly yes',
    'maxmemory-policy noeviction',
    '',
  ].join('\n')
  const admin = new Redis(url(0), { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  admin.on('error', () => {})
  const answers = () =>
    admin.connect().then(
      () => true,
      () => false,
    )
  const { stop } = await serve(binary, ['-'], { cwd: folder, input, stopSignal: 'SIGTERM' }, answers)
  stopLater(async () => {
    admin.disconnect()
    await stop()
  })
  const info = async (section: string, name: string): Promise<number> =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await admin.info(section))?.[1])
  return {
    pid: await info('server', 'process_id'),
    admin,
    reads: () => info('stats', 'total_reads_processed'),
    url,
  }
}

/** Undefined if the programs of PostgreSQL or Redis are not on this machine. */
export const startStores = async (): Promise<Stores | undefined> => {
  const [binaries, binary] = [postgresFolder(), redisBinary()]
  if (binaries === undefined || binary === undefined) return undefined
  const [postgres, redis] = [await startPostgres(binaries), await startRedis(binary)]
  // Close the connection before PostgreSQL stops.
  stopLater(() => postgres.admin.end())
  return { postgres, redis }
}

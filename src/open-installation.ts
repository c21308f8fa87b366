// Opens what the configuration names: the database, Redis and the key-encryption key. The server and the
// command line both start here.
import { availableParallelism } from 'node:os'
import type { Installation } from './admin/doctor-operations.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { CoreParts } from './core.ts'
import { defined } from './defined.ts'
import { loadLocalKeyEncryptionKey } from './encryption/local-key-file.ts'
import { type Log, type LogDestination, openLog } from './log.ts'
import { openSql } from './stores/sql/connection.ts'
import { migrate, migrationState } from './stores/sql/migrate.ts'
import { moveToPostgres } from './stores/sql/move.ts'
import { createSqlRememberedSessionStore } from './stores/sql/remembered-session-store.ts'
import { createSqlExpiringStores, createSqlLastingStores, tidy } from './stores/sql/sql-stores.ts'
import { createSqlWriteProbe } from './stores/sql/write-probe.ts'

export interface OpenOptions {
  clock?: Clock
  /** The destination of log lines; standard output by default. */
  logTo?: LogDestination
}

export interface OpenInstallation extends CoreParts {
  log: Log
  installation: Installation
  /** @throws {Unavailable} if a store does not answer */
  pingStores(): Promise<void>
  /** @throws {Unavailable} if a store does not accept a write */
  probeWrites(): Promise<void>
  /** Undefined if the configuration names no Redis. @throws {Unavailable} */
  pingRedis: (() => Promise<void>) | undefined
  /** Calls the listeners of changed records. @throws {Unavailable}, or the error of a listener */
  changeCheck: { everySeconds: number; run(): Promise<void> }
  /** Deletes expired rows from the database. */
  deleteExpired(): Promise<void>
  closeStores(): Promise<void>
}

/** @throws {Error} with a sentence for the operator if the folder is not writable */
const useFolder = async <T>(setting: string, folder: string, use: () => Promise<T>): Promise<T> => {
  try {
    return await use()
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall === undefined || !/^E(ACCES|PERM|NOTDIR|EXIST|ROFS|NOSPC)$/.test(code ?? '')) throw error
    throw new Error(
      `${folder} is not a folder that this user can write to (${code}). Fix it, or set ${setting} to another folder.`,
    )
  }
}

/** Imports the driver only if Redis is used, because it takes time to load. */
const openRedisStores = async (redisUrl: string) => {
  const { openRedis } = await import('./stores/redis/connection.ts')
  const { createRedisExpiringStores } = await import('./stores/redis/redis-stores.ts')
  const { createRedisWriteProbe } = await import('./stores/redis/write-probe.ts')
  const redis = openRedis(redisUrl)
  return { redis, stores: createRedisExpiringStores(redis), probe: createRedisWriteProbe(redis) }
}

/**
 * Opens the stores. Applies no migration and creates no key.
 * @throws {Error} with a sentence for the operator
 */
export const openInstallation = async (
  config: Config,
  options: OpenOptions = {},
): Promise<OpenInstallation> => {
  const clock = options.clock ?? systemClock
  const log = openLog(config.logLevel, options.logTo)
  const { databaseUrl, redisUrl, dataDir, keysDir } = config
  const keyEncryptionKeys =
    config.keyEncryptionKeys ??
    (await useFolder('KEYS_DIR', keysDir, () => loadLocalKeyEncryptionKey(keysDir)))
  const database = await (databaseUrl === undefined
    ? useFolder('DATA_DIR', dataDir, () => openSql({ dataDir }))
    : openSql({ databaseUrl }))
  const fleet = redisUrl === undefined ? undefined : await openRedisStores(redisUrl)
  const redis = fleet?.redis
  const probeDatabase = createSqlWriteProbe(database.db, clock)

  const installation: Installation = {
    database: {
      kind: database.kind,
      now: database.now,
      migrate: () => migrate(database.db),
      migrationState: () => migrationState(database.db),
      ...defined({ copyTo: database.copyTo }),
      ...(database.kind === 'sqlite' && {
        moveTo: (target) => moveToPostgres({ dataDir, close: database.close }, target),
      }),
    },
    sessionStore: {
      configured: redis === undefined ? 'database' : 'redis',
      remembered: createSqlRememberedSessionStore(database.db),
    },
    ...(redis && {
      redis: {
        maxmemoryPolicy: async () => {
          const info = await redis.run((connection) => connection.info('memory'))
          return /maxmemory_policy:(\S+)/.exec(info)?.[1] ?? 'unknown'
        },
      },
    }),
  }

  return {
    config,
    clock,
    log,
    keyEncryptionKeys,
    installation,
    stores: {
      ...createSqlLastingStores(database.db),
      ...(fleet?.stores ?? createSqlExpiringStores(database.db)),
      changes: database.changes,
    },
    hashing: { concurrency: Math.min(availableParallelism(), 4), maxWaiting: 64 },
    pingStores: async () => {
      await database.ping()
      await redis?.ping()
    },
    probeWrites: async () => {
      await probeDatabase()
      await fleet?.probe()
    },
    pingRedis: redis && (async () => void (await redis.ping())),
    changeCheck: { everySeconds: database.changes.checkEverySeconds, run: database.changes.check },
    deleteExpired: () => tidy(database.db, clock.now()),
    closeStores: async () => {
      await redis?.close()
      await database.close()
    },
  }
}

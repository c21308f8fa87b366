// Opens the database, Redis and the key-encryption key that the configuration names, and creates the issuer
// with them. It does not listen: main.ts serves the issuer, cli/ uses its operations.
import { availableParallelism } from 'node:os'
import type { Installation } from './admin/doctor-operations.ts'
import { type App, createApp } from './app.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { defined } from './defined.ts'
import { loadLocalKeyEncryptionKey } from './encryption/local-key-file.ts'
import { type Log, type LogDestination, openLog } from './log.ts'
import { openRedis } from './stores/redis/connection.ts'
import { createRedisExpiringStores } from './stores/redis/redis-stores.ts'
import { openSql } from './stores/sql/connection.ts'
import { migrate, migrationState } from './stores/sql/migrate.ts'
import { createSqlExpiringStores, createSqlLastingStores, tidy } from './stores/sql/sql-stores.ts'
import type { Stores } from './stores/stores.ts'

export interface Issuer extends App {
  stores: Stores
  clock: Clock
  log: Log
  /** Deletes expired rows from the database. */
  deleteExpired(): Promise<void>
  /** Waits for the audit log, then closes every connection. Safe to repeat. */
  close(): Promise<void>
}

export interface OpenOptions {
  clock?: Clock
  /** The destination of log lines; standard output by default. */
  logTo?: LogDestination
  /** Default true. `doctor` and `migrate` set false, because they look at the database before a migration. */
  migrateFirst?: boolean
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

/**
 * Opens the stores, applies missing migrations, and loads the signing keys. Creates no key and no user.
 * @throws {Error} with a sentence for the operator
 */
export const openIssuer = async (config: Config, options: OpenOptions = {}): Promise<Issuer> => {
  const clock = options.clock ?? systemClock
  const log = openLog(config.logLevel, options.logTo)
  const { databaseUrl, redisUrl, dataDir, keysDir } = config
  const keyEncryptionKeys =
    config.keyEncryptionKeys ??
    (await useFolder('KEYS_DIR', keysDir, () => loadLocalKeyEncryptionKey(keysDir)))
  const database = await (databaseUrl === undefined
    ? useFolder('DATA_DIR', dataDir, () => openSql({ dataDir }))
    : openSql({ databaseUrl }))
  const redis = redisUrl === undefined ? undefined : openRedis(redisUrl)

  const installation: Installation = {
    database: {
      kind: database.kind,
      now: database.now,
      migrate: () => migrate(database.db),
      migrationState: () => migrationState(database.db),
      ...defined({ copyTo: database.copyTo }),
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

  let closing: Promise<void> | undefined
  const closeStores = async () => {
    await redis?.close()
    await database.close()
  }

  try {
    if (options.migrateFirst !== false) await migrate(database.db)
    const stores: Stores = {
      ...createSqlLastingStores(database.db),
      ...(redis ? createRedisExpiringStores(redis) : createSqlExpiringStores(database.db)),
    }
    const app = await createApp({
      config,
      clock,
      log,
      stores,
      keyEncryptionKeys,
      installation,
      pingStores: async () => {
        await database.ping()
        await redis?.ping()
      },
      hashing: { concurrency: Math.min(availableParallelism(), 4), maxWaiting: 64 },
    })
    if (options.migrateFirst !== false) {
      await app.keyRing.load()
      await redis?.ping().catch((error: unknown) => {
        log.warn(
          { err: error },
          'Redis does not answer. Sign-ins and refreshes are answered 503 until it does',
        )
      })
    }
    return {
      ...app,
      stores,
      clock,
      log,
      deleteExpired: () => tidy(database.db, clock.now()),
      close: () => {
        closing ??= Promise.all([app.signals.stop(), app.disconnectRequestWork.stop(), app.checks.stop()])
          .then(app.auditTrail.flush)
          .finally(closeStores)
        return closing
      },
    }
  } catch (error) {
    await closeStores()
    throw error
  }
}

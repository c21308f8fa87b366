// Opens what the configuration names (database, Redis, key-encryption key) and makes an issuer of it. Listens to nothing:
// main.ts serves it, cli/ uses its operations.
import { availableParallelism } from 'node:os'
import type { Installation } from './admin/doctor-operations.ts'
import { type App, createApp } from './app.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
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
  /** Deletes what has expired. */
  tidy(): Promise<void>
  /** Waits for the audit log, then closes every connection. Safe to repeat. */
  close(): Promise<void>
}

export interface OpenOptions {
  clock?: Clock
  /** Where log lines go; standard output unless told otherwise. */
  logTo?: LogDestination
  /** `doctor` and `migrate` look at the database before anything is changed in it. */
  migrateFirst?: boolean
}

/** A folder that cannot be used is the operator's to mend, and said in a sentence. */
const inFolder = async <T>(setting: string, folder: string, use: () => Promise<T>): Promise<T> => {
  try {
    return await use()
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall === undefined || !/^E(ACCES|PERM|NOTDIR|EXIST|ROFS|NOSPC)$/.test(code ?? '')) throw error
    throw new Error(
      `${folder} is no folder that this user can write to (${code}). Let it be one, or set ${setting} to one.`,
    )
  }
}

/**
 * Opens the stores, applies missing migrations, and loads the signing keys. Makes no key and no user.
 * @throws {Error} with a sentence for the operator
 */
export const openIssuer = async (config: Config, options: OpenOptions = {}): Promise<Issuer> => {
  const clock = options.clock ?? systemClock
  const log = openLog(config.logLevel, options.logTo)
  const { databaseUrl, redisUrl, dataDir, keysDir } = config
  const keyEncryptionKeys =
    config.keyEncryptionKeys ??
    (await inFolder('KEYS_DIR', keysDir, () => loadLocalKeyEncryptionKey(keysDir)))
  const database = await (databaseUrl === undefined
    ? inFolder('DATA_DIR', dataDir, () => openSql({ dataDir }))
    : openSql({ databaseUrl }))
  const redis = redisUrl === undefined ? undefined : openRedis(redisUrl)

  const installation: Installation = {
    database: {
      kind: database.kind,
      now: database.now,
      migrate: () => migrate(database.db),
      migrationState: () => migrationState(database.db),
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
      ...{ config, clock, log, stores, keyEncryptionKeys, installation },
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
          'Redis does not answer; until it does, sign-ins and refreshes are answered 503',
        )
      })
    }
    return {
      ...app,
      ...{ stores, clock, log },
      tidy: () => tidy(database.db, clock.now()),
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

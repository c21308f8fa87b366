// Issuer processes that share one PostgreSQL and one Redis, as instances behind a load balancer do.
import { randomBytes } from 'node:crypto'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { postgresDatabase, redisDatabase } from './services.ts'

export interface SharedStores {
  env: { DATABASE_URL: string; REDIS_URL: string; KEY_ENCRYPTION_KEY: string }
  /** Drops the database and empties Redis. Stop the processes that use them first. */
  close(): Promise<void>
}

/** Creates two empty databases. Throws if a service is missing, so check `isMissing` first. */
export const sharedStores = async (): Promise<SharedStores> => {
  const [database, redis] = await Promise.all([postgresDatabase(), redisDatabase()])
  return {
    env: {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    },
    close: async () => {
      await Promise.all([database.close(), redis.close()])
    },
  }
}

/** Starts two processes at the same moment. Both use the URL of the first one as their issuer. */
export const twoIssuers = async (
  env: Readonly<Record<string, string>>,
): Promise<[Installation, Installation]> => {
  const first = await newInstallation(env)
  const second = await newInstallation({ ...env, ISSUER: first.url })
  await Promise.all([first.serve(), second.serve()])
  return [first, second]
}

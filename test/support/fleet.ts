// Issuer processes that share one PostgreSQL and one Redis, as a fleet behind a load balancer.
import { randomBytes } from 'node:crypto'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { postgresDatabase, redisDatabase } from './services.ts'

export interface SharedStores {
  env: { DATABASE_URL: string; REDIS_URL: string; KEY_ENCRYPTION_KEY: string }
  /** Drops both, after the processes on them are gone. */
  close(): Promise<void>
}

/** Fresh ones. Throws where a service is missing: ask `isMissing` first. */
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

/** Two processes, started at the same moment; both are the issuer that the first one's address names. */
export const twoIssuers = async (
  env: Readonly<Record<string, string>>,
): Promise<[Installation, Installation]> => {
  const first = await newInstallation(env)
  const second = await newInstallation({ ...env, ISSUER: first.url })
  await Promise.all([first.serve(), second.serve()])
  return [first, second]
}

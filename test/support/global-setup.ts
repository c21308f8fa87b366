// Finds or starts PostgreSQL and Redis once per test run, and looks for Chromium.
// Warns if one is missing, and its tests are skipped. Throws instead if CI=true.
import type { TestProject } from 'vitest/node'
import { chromiumPath } from '../../harness/chromium.ts'
import { makeEmptyDatabase } from '../../harness/empty-database.ts'
import { doWithout, findService } from '../../harness/find-service.ts'
import { dockerAnswers, startPostgresContainer, startRedisContainer } from '../../harness/start-container.ts'
import { postgresFolder, startPostgres } from '../../harness/start-postgres.ts'
import { redisBinary, startRedis } from '../../harness/start-redis.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Empty if PostgreSQL is missing. */
    postgresUrl: string
    /** Empty if Redis is missing. */
    redisUrl: string
  }
}

export default async (project: TestProject): Promise<() => Promise<void>> => {
  if (chromiumPath() === undefined)
    doWithout('Chromium', 'install Chrome, or run "apt-get install chromium", or set CHROMIUM_PATH')
  const wantsDocker = !process.env.TEST_DATABASE_URL || !process.env.TEST_REDIS_URL
  const docker = wantsDocker ? dockerAnswers() : Promise.resolve(false)
  const searches = [
    findService({
      name: 'PostgreSQL',
      variable: 'TEST_DATABASE_URL',
      debianPackage: 'postgresql',
      docker,
      inContainer: startPostgresContainer,
      binary: postgresFolder(),
      fromBinary: startPostgres,
    }),
    findService({
      name: 'Redis',
      variable: 'TEST_REDIS_URL',
      debianPackage: 'redis-server',
      docker,
      inContainer: startRedisContainer,
      binary: redisBinary(),
      fromBinary: startRedis,
    }),
  ] as const
  const emptyDatabase = makeEmptyDatabase()
  const stop = async () => {
    await emptyDatabase.then((remove) => remove())
    const found = await Promise.allSettled(searches)
    await Promise.all(found.map((each) => (each.status === 'fulfilled' ? each.value?.stop() : undefined)))
  }
  try {
    const [postgres, redis] = await Promise.all(searches)
    await emptyDatabase
    project.provide('postgresUrl', postgres?.url ?? '')
    project.provide('redisUrl', redis?.url ?? '')
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

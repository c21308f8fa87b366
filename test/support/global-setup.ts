// Finds or starts PostgreSQL and Redis once per run: given URLs, else Docker, else binaries on this machine, else that
// backend's tests are skipped, loudly. Looks for Chromium likewise. With CI=true what is missing is a failure.
import type { TestProject } from 'vitest/node'
import { chromiumPath } from './chromium.ts'
import type { Service } from './process.ts'
import { dockerAnswers, startPostgresContainer, startRedisContainer } from './start-container.ts'
import { postgresFolder, startPostgres } from './start-postgres.ts'
import { redisBinary, startRedis } from './start-redis.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Empty: there is none. */
    postgresUrl: string
    /** Empty: there is none. */
    redisUrl: string
  }
}

const given = (url: string): Service => ({ url, stop: async () => {} })

const orElse = async (name: string, start: () => Promise<Service>): Promise<Service | undefined> => {
  try {
    return await start()
  } catch (error) {
    console.warn(`${name} could not be started: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

const doWithout = (name: string, how: string): void => {
  if (process.env.CI === 'true') throw new Error(`No ${name} for the tests: ${how}.`)
  console.warn(`\n*** SKIPPED: every test on ${name}, because there is none. To run them ${how}. ***\n`)
}

const find = async (wanted: {
  name: string
  variable: string
  debianPackage: string
  docker: Promise<boolean>
  inContainer: () => Promise<Service>
  binary: string | undefined
  fromBinary: (binary: string) => Promise<Service>
}): Promise<Service | undefined> => {
  const { name, variable, debianPackage, binary } = wanted
  const url = process.env[variable]
  if (url) return given(url)
  const container = (await wanted.docker) ? await orElse(`${name} in Docker`, wanted.inContainer) : undefined
  if (container) return container
  const started = binary ? await orElse(name, () => wanted.fromBinary(binary)) : undefined
  if (started) return started
  doWithout(name, `start Docker, or run "apt-get install ${debianPackage}", or set ${variable}`)
  return undefined
}

export default async (project: TestProject): Promise<() => Promise<void>> => {
  if (chromiumPath() === undefined)
    doWithout('Chromium', 'install Chrome, or run "apt-get install chromium", or set CHROMIUM_PATH')
  const wantsDocker = !process.env.TEST_DATABASE_URL || !process.env.TEST_REDIS_URL
  const docker = wantsDocker ? dockerAnswers() : Promise.resolve(false)
  const looking = [
    find({
      name: 'PostgreSQL',
      variable: 'TEST_DATABASE_URL',
      debianPackage: 'postgresql',
      docker,
      inContainer: startPostgresContainer,
      binary: postgresFolder(),
      fromBinary: startPostgres,
    }),
    find({
      name: 'Redis',
      variable: 'TEST_REDIS_URL',
      debianPackage: 'redis-server',
      docker,
      inContainer: startRedisContainer,
      binary: redisBinary(),
      fromBinary: startRedis,
    }),
  ] as const
  const stop = async () => {
    const found = await Promise.allSettled(looking)
    await Promise.all(found.map((each) => (each.status === 'fulfilled' ? each.value?.stop() : undefined)))
  }
  try {
    const [postgres, redis] = await Promise.all(looking)
    project.provide('postgresUrl', postgres?.url ?? '')
    project.provide('redisUrl', redis?.url ?? '')
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

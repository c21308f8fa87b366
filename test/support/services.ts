// An empty PostgreSQL or Redis database for one test file, on the servers that global-setup.ts found.
import { Redis } from 'ioredis'
import pg from 'pg'
import { inject } from 'vitest'
import { randomToken } from '../../src/secrets.ts'

export interface TestDatabase {
  url: string
  /** Drops the PostgreSQL database, or empties the Redis database. */
  close(): Promise<void>
}

/** For `describe.skipIf(isMissing('redis'))`. global-setup.ts warns about a missing service. */
export const isMissing = (service: 'postgres' | 'redis'): boolean =>
  inject(service === 'postgres' ? 'postgresUrl' : 'redisUrl') === ''

const asAdmin = async (url: string, statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Creates an empty database. Throws if PostgreSQL is missing, so check `isMissing` first. */
export const postgresDatabase = async (): Promise<TestDatabase> => {
  const server = inject('postgresUrl')
  if (server === '') throw new Error('This run has no PostgreSQL. Check `isMissing` first.')
  const name = `dojang_test_${Buffer.from(randomToken(8)).toString('hex')}`
  await asAdmin(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, close: () => asAdmin(server, `drop database if exists ${name} with (force)`) }
}

/**
 * Empties a Redis database that no other test file of this run uses.
 * Never point TEST_REDIS_URL at data you need.
 * Throws if Redis is missing, so check `isMissing` first.
 */
export const redisDatabase = async (): Promise<TestDatabase> => {
  const server = inject('redisUrl')
  if (server === '') throw new Error('This run has no Redis. Check `isMissing` first.')
  const redis = new Redis(server, { maxRetriesPerRequest: 1 })
  try {
    const [, count] = (await redis.config('GET', 'databases')) as [string, string]
    // Database 0 contains only the counter that assigns the other databases.
    const number = 1 + ((await redis.incr('dojang-test:next-database')) % (Number(count) - 1))
    const empty = async (connection: Redis) => {
      await connection.select(number)
      await connection.flushdb()
    }
    await empty(redis)
    const url = new URL(server)
    url.pathname = `/${number}`
    return {
      url: url.href,
      close: async () => {
        const connection = new Redis(server, { maxRetriesPerRequest: 1 })
        await empty(connection)
        connection.disconnect()
      },
    }
  } finally {
    redis.disconnect()
  }
}

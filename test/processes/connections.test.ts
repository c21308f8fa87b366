// The connections that a server opens to PostgreSQL and Redis, as docs/operations.md states them.
import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newInstallation } from '../../harness/installation.ts'
import { sharedStores } from '../support/fleet.ts'
import { isMissing } from '../support/services.ts'

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
const workers = 2
const perWorker = { postgres: 11, redis: 1 }

describe.skipIf(isMissing('postgres') || isMissing('redis'))('a server with two workers', () => {
  test('two workers under load open the number of connections that docs/operations.md states', async () => {
    const sentence = `at most ${perWorker.postgres} connections to PostgreSQL and one to Redis`
    expect(page.replaceAll(/\s+/g, ' ')).toContain(sentence)
    const stores = await sharedStores()
    onTestFinished(stores.close)
    const installation = await newInstallation({ ...stores.env, WORKERS: String(workers) })
    onTestFinished(installation.remove)
    const { output } = await installation.serve()
    await expect.poll(() => output().match(/"msg":"ready"/g), { timeout: 60_000 }).toHaveLength(workers)

    // On a busy machine some of them answer 503. They are here only to open connections.
    await Promise.all(Array.from({ length: 200 }, () => fetch(`${installation.url}/readyz`)))

    const database = new pg.Client({ connectionString: stores.env.DATABASE_URL })
    await database.connect()
    // The pool keeps its connections for some seconds after the burst.
    const { rows } = await database.query<{ count: number }>(
      'select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    await database.end()
    expect(rows[0]?.count).toBeLessThanOrEqual(workers * perWorker.postgres)
    expect(rows[0]?.count).toBeGreaterThan(perWorker.postgres)

    const redis = new Redis(stores.env.REDIS_URL)
    const clients = String(await redis.client('LIST')).split('\n')
    const number = new URL(stores.env.REDIS_URL).pathname.slice(1)
    redis.disconnect()
    // One of them is the connection of this test.
    expect(clients.filter((line) => line.includes(` db=${number} `))).toHaveLength(
      workers * perWorker.redis + 1,
    )
  }, 120_000)
})

import { Redis } from 'ioredis'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { isMissing, postgresDatabase, redisDatabase } from '../support/services.ts'

describe.skipIf(isMissing('postgres'))('postgresDatabase', () => {
  test('postgresDatabase gives each caller an empty database of its own', async () => {
    const [one, two] = await Promise.all([postgresDatabase(), postgresDatabase()])
    const client = new pg.Client({ connectionString: one.url })
    await client.connect()
    const { rows } = await client.query("select 1 from pg_tables where schemaname = 'public'")
    await client.end()
    expect(rows).toEqual([])
    expect(one.url).not.toBe(two.url)
    await Promise.all([one.close(), two.close()])
  })
})

describe.skipIf(isMissing('redis'))('redisDatabase', () => {
  test('redisDatabase gives each caller an empty database of its own', async () => {
    const [one, two] = [await redisDatabase(), await redisDatabase()]
    const redis = new Redis(one.url)
    expect(await redis.dbsize()).toBe(0)
    redis.disconnect()
    expect(one.url).not.toBe(two.url)
    await Promise.all([one.close(), two.close()])
  })
})

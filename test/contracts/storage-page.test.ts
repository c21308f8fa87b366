// docs/storage.md names every table and every Redis key, and no others.

import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { openEmptySqlite } from '../../harness/empty-database.ts'
import { openRedis } from '../../src/stores/redis/connection.ts'
import { createRedisExpiringStores } from '../../src/stores/redis/redis-stores.ts'
import { createRedisWriteProbe } from '../../src/stores/redis/write-probe.ts'
import { newUserId } from '../../src/users/user.ts'
import { isMissing, redisDatabase } from '../support/services.ts'
import { aCode, aFamily, aLinkConfirmation, aSession, at } from './records.ts'

const page = readFileSync(new URL('../../docs/storage.md', import.meta.url), 'utf8')

/** The names in backticks in the first column of the tables under the heading. */
const namedUnder = (heading: string): string[] => {
  const [, section = ''] = page.split(`\n${heading}\n`)
  const rows = section.split(/\n#+ /)[0]?.match(/^\| .*$/gm) ?? []
  return rows.flatMap((row) =>
    [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  )
}

test('docs/storage.md names exactly the tables of a migrated database', async () => {
  const { db, close } = await openEmptySqlite()
  try {
    const { rows } = await sql<{ name: string }>`
      select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`.execute(db)
    const own = rows.map(({ name }) => name).filter((name) => !name.startsWith('kysely_'))
    expect(namedUnder('### Tables').sort()).toEqual(own.sort())
  } finally {
    await close()
  }
})

describe.skipIf(isMissing('redis'))('Redis', () => {
  test('docs/storage.md names exactly the Redis keys, and each key expires', async () => {
    const database = await redisDatabase()
    const connection = openRedis(database.url)
    const redis = new Redis(database.url)
    try {
      const stores = createRedisExpiringStores(connection)
      await stores.sessions.start(aSession(), 100)
      await stores.refreshTokens.start(aFamily())
      await stores.authorizationCodes.issue(aCode())
      const budget = { key: 'network:192.0.2.1', burst: 3, refillSeconds: 100 }
      await stores.throttle.take({ budgets: [budget] }, at(0))
      await stores.throttle.settle({ remember: { userId: newUserId(), network: 'x', until: at(600) } }, at(0))
      await stores.usedOnce.use('request:x', at(0), at(600))
      await stores.linkConfirmations.request(aLinkConfirmation())
      await createRedisWriteProbe(connection)()
      await stores.blacklist.add({ kind: 'jti', value: 'x', revokedAt: at(0), expiresAt: at(600) })

      const patterns = namedUnder('## Redis').map((name) => {
        const parts = name.split(/<.*?>/).map((part) => part.replaceAll(/\W/g, '\\$&'))
        return { name, form: new RegExp(`^${parts.join('.+')}$`) }
      })
      const keys = await redis.keys('*')
      const named = keys.map((key) => patterns.find(({ form }) => form.test(key))?.name ?? `${key}, unnamed`)
      expect(named.sort()).toEqual(patterns.map(({ name }) => name).sort())
      for (const key of keys) expect(await redis.pttl(key), key).toBeGreaterThan(600_000)
    } finally {
      redis.disconnect()
      await connection.close()
      await database.close()
    }
  })
})

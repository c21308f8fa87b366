// Strangers flood an issuer on real stores. The number of records stays below its bound, and users who are
// signed in go on.
import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { openEmptySqlite } from '../../harness/empty-database.ts'
import { doWithout } from '../../harness/find-service.ts'
import { removeFolder, temporaryFolder } from '../../harness/process.ts'
import { redisBinary, startRedis } from '../../harness/start-redis.ts'
import { floodLimit } from '../../src/audit-flood.ts'
import { readConfig } from '../../src/config.ts'
import { openInstallation } from '../../src/open-installation.ts'
import { openRedis } from '../../src/stores/redis/connection.ts'
import { createRedisExpiringStores } from '../../src/stores/redis/redis-stores.ts'
import type { Db } from '../../src/stores/sql/connection.ts'
import { createSqlExpiringStores, createSqlLastingStores } from '../../src/stores/sql/sql-stores.ts'
import { maxBudgetRecords } from '../../src/throttle/throttle.ts'
import { credentialsOf, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

const provider = { KAKAO_CLIENT_ID: 'a', KAKAO_CLIENT_SECRET: 'b', KAKAO_ORIGIN: 'http://127.0.0.1:9' }
const env = { ...provider, TRUSTED_PROXIES: '127.0.0.1' }

/** Requests of strangers, each from a network of its own. */
const flood = async (issuer: TestIssuer, times: number) => {
  const client = await issuer.client({ secretHash: undefined } as never)
  const query = { code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' }
  const requests = (number: number) => {
    const state = randomBytes(1500).toString('base64url')
    const headers = { 'x-forwarded-for': `10.${number >> 8}.${number % 256}.1` }
    const own = { ...headers, origin: issuer.url, 'sec-fetch-site': 'same-origin' }
    const path = issuer.authorizePath(client, { ...query, state })
    return [
      issuer.send(path, { headers }),
      issuer.form('/authorize', [...new URL(path, issuer.url).searchParams], headers),
      issuer.form('/login/kakao', {}, own),
      issuer.send(`/callback/kakao?state=${state}&code=x`, { headers }),
      issuer.send('/.well-known/jwks.json', { headers: { ...headers, 'dojang-verifier': `name-${number}` } }),
      issuer.form('/token', { grant_type: 'authorization_code', code: state, client_id: client.id }, headers),
      issuer.form(
        '/revoke',
        { token: `drt_${'A'.repeat(22)}.0.${'A'.repeat(43)}`, client_id: client.id },
        headers,
      ),
      issuer.json('/api/token', { email: `${number}@example.com`, password: state.slice(0, 20) }, headers),
      issuer.send('/readyz', { headers }),
    ]
  }
  for (let number = 0; number < times; number += 1) await Promise.all(requests(number))
  await issuer.app.verifierSightings.recorded()
  await issuer.app.auditTrail.flush()
}

/** A user who signed in before the flood does everything that needs a store. */
const expectGoesOn = async (issuer: TestIssuer, signedIn: Awaited<ReturnType<typeof signIn>>) => {
  const { client, tokens, other } = signedIn
  const refreshed = await issuer.refresh(client, tokens.refreshToken)
  expect(refreshed.status).toBe(200)
  const own = credentialsOf(client)
  const introspected = await issuer.form('/introspect', { token: tokens.accessToken, ...own })
  expect(introspected.json.active).toBe(true)
  expect((await issuer.form('/revoke', { token: other.refreshToken, ...own })).status).toBe(200)
  expect((await issuer.refresh(client, other.refreshToken)).status).toBe(400)
  const access = String(refreshed.json.access_token)
  expect((await issuer.bearer('/api/logout', access, 'POST')).status).toBe(204)
  expect((await issuer.refresh(client, String(refreshed.json.refresh_token))).status).toBe(400)
}

const signIn = async (issuer: TestIssuer) => {
  const [client, user] = [await issuer.client(), await issuer.user()]
  return { client, tokens: await issuer.tokens(client, user), other: await issuer.tokens(client, user) }
}

const binary = redisBinary()
if (binary === undefined) doWithout('a Redis with little memory', 'run "apt-get install redis-server"')

describe.skipIf(binary === undefined)('a Redis with little memory', () => {
  test('a flood of strangers fills no memory, and users who are signed in go on (H4, H13)', async () => {
    const service = await startRedis(binary ?? '', { settings: ['maxmemory-policy noeviction'] })
    const [connection, admin] = [openRedis(service.url), new Redis(service.url)]
    const folder = temporaryFolder()
    const { probeWrites, closeStores, installation } = await openInstallation(
      readConfig({ REDIS_URL: service.url, DATA_DIR: folder, KEYS_DIR: `${folder}/keys` }),
    )
    await installation.database.migrate()
    const stores = { ...memoryStores(), ...createRedisExpiringStores(connection) }
    const issuer = await testIssuer({ stores, env, probeWrites })
    try {
      const signedIn = await signIn(issuer)
      expect((await issuer.send('/readyz')).status).toBe(200)
      const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1])
      await admin.config('SET', 'maxmemory', used + 700_000)
      const before = await admin.dbsize()
      await flood(issuer, 110)
      // The budgets of the throttle are one key, with a bound of its own.
      expect(await admin.dbsize()).toBeLessThanOrEqual(before + 1)
      await expectGoesOn(issuer, signedIn)

      // The same stores with full memory: the server says that it is not ready.
      await admin.config('SET', 'maxmemory', 1)
      issuer.clock.advance(2)
      expect((await issuer.send('/readyz')).status).toBe(503)
      await admin.config('SET', 'maxmemory', 0)
      issuer.clock.advance(2)
      expect((await issuer.send('/readyz')).status).toBe(200)
    } finally {
      await issuer.close()
      admin.disconnect()
      await connection.close()
      await closeStores()
      await service.stop()
      removeFolder(folder)
    }
  })
})

describe('a database', () => {
  const rowsByTable = async (db: Db): Promise<Record<string, number>> => {
    const { rows } = await sql<{ name: string }>`
      select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`.execute(db)
    const counts: Record<string, number> = {}
    for (const { name } of rows) {
      const counted = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(name)}`.execute(db)
      counts[name] = Number(counted.rows[0]?.rows)
    }
    return counts
  }

  test('a flood of strangers leaves no more rows than the stated bounds, and users go on (H4, H13)', async () => {
    const { db, changes, close } = await openEmptySqlite()
    const stores = { ...createSqlLastingStores(db), ...createSqlExpiringStores(db), changes }
    const issuer = await testIssuer({ stores, env })
    try {
      const signedIn = await signIn(issuer)
      await issuer.app.auditTrail.flush()
      const before = await rowsByTable(db)
      await flood(issuer, 110)
      const after = await rowsByTable(db)
      const grown = Object.entries(after).flatMap(([table, rows]) =>
        rows > (before[table] ?? 0) && table !== 'throttle_budgets'
          ? [[table, rows - (before[table] ?? 0)] as const]
          : [],
      )
      expect(Object.fromEntries(grown)).toEqual({
        clients: 1,
        known_verifiers: 100,
        // Refused callbacks and failed guesses share a type: 100 rows, and one that counts the rest.
        audit_events: floodLimit.rows + 1,
      })
      expect(after.throttle_budgets).toBeLessThanOrEqual(maxBudgetRecords)
      await expectGoesOn(issuer, signedIn)
    } finally {
      await issuer.close()
      await close()
    }
  })
})

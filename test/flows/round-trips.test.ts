// Counts what a request costs at the stores, on a real PostgreSQL and a real Redis: statements of SQL, and
// round trips to Redis. The numbers are the promise of docs/performance.md.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRedis } from '../../src/stores/redis/connection.ts'
import { createRedisExpiringStores } from '../../src/stores/redis/redis-stores.ts'
import { openSql } from '../../src/stores/sql/connection.ts'
import { migrate } from '../../src/stores/sql/migrate.ts'
import { createSqlLastingStores } from '../../src/stores/sql/sql-stores.ts'
import { type TestClient, type TestIssuer, type TestUser, testIssuer } from '../support/issuer.ts'
import { isMissing, postgresDatabase, redisDatabase } from '../support/services.ts'
import { severable } from '../support/severable.ts'

interface Counter {
  count: number
  observe(): (data: Buffer) => void
}

/** Counts the statements that clients of PostgreSQL run: its messages Execute and Query. */
const statementCounter = (): Counter => {
  const counter: Counter = {
    count: 0,
    observe: () => {
      let rest = Buffer.alloc(0)
      return (data) => {
        rest = Buffer.concat([rest, data])
        // A message is a letter and a length. Only the first message of a connection has no letter.
        while (rest.length >= 5) {
          const isStartup = rest[0] === 0
          const length = isStartup ? rest.readInt32BE(0) : 1 + rest.readInt32BE(1)
          if (rest.length < length) return
          if (!isStartup && 'EQ'.includes(String.fromCharCode(rest[0] ?? 0))) counter.count += 1
          rest = rest.subarray(length)
        }
      }
    },
  }
  return counter
}

/** Counts the writes to Redis. Commands that are sent together arrive together, and are answered together. */
const writeCounter = (): Counter => {
  const counter: Counter = {
    count: 0,
    observe: () => () => {
      counter.count += 1
    },
  }
  return counter
}

const openCounted = async () => {
  const [postgres, redis] = [await postgresDatabase(), await redisDatabase()]
  const [statements, writes] = [statementCounter(), writeCounter()]
  const toPostgres = await severable(postgres.url, statements.observe)
  const toRedis = await severable(redis.url, writes.observe)
  const sql = await openSql({ databaseUrl: toPostgres.url })
  await migrate(sql.db)
  const connection = openRedis(toRedis.url)
  const stores = {
    ...createSqlLastingStores(sql.db),
    ...createRedisExpiringStores(connection),
    changes: sql.changes,
  }
  return {
    stores,
    /** The statements and the writes of this work. */
    costOf: async (work: () => Promise<unknown>) => {
      const [before, writesBefore] = [statements.count, writes.count]
      await work()
      return { statements: statements.count - before, redis: writes.count - writesBefore }
    },
    close: async () => {
      await connection.close()
      await sql.close()
      await Promise.all([toPostgres.sever(), toRedis.sever()])
      await Promise.all([postgres.close(), redis.close()])
    },
  }
}

describe.skipIf(isMissing('postgres') || isMissing('redis'))('the stores of a request', () => {
  let counted: Awaited<ReturnType<typeof openCounted>>
  let issuer: TestIssuer
  let client: TestClient
  let user: TestUser
  let tokens: { accessToken: string; refreshToken: string }

  beforeAll(async () => {
    counted = await openCounted()
    issuer = await testIssuer({ stores: counted.stores })
    client = await issuer.client({ introspects: [issuer.config.defaultAudience] })
    user = await issuer.user()
    tokens = await issuer.tokens(client, user)
    // Reads clients and APIs into memory, and stores the audit events so far.
    await issuer.refresh(client, tokens.refreshToken).then(({ json }) => {
      tokens = { accessToken: String(json.access_token), refreshToken: String(json.refresh_token) }
    })
    await issuer.app.auditTrail.flush()
  })
  afterAll(async () => {
    await issuer?.close()
    await counted?.close()
  })

  const own = () => ({ client_id: client.id, client_secret: client.secret ?? '' })

  test('a refresh makes two round trips to Redis and runs one statement', async () => {
    const cost = await counted.costOf(async () => {
      const { status, json } = await issuer.refresh(client, tokens.refreshToken)
      expect(status).toBe(200)
      tokens = { accessToken: String(json.access_token), refreshToken: String(json.refresh_token) }
    })
    expect(cost).toEqual({ statements: 1, redis: 2 })
    await issuer.app.auditTrail.flush()
  })

  test('a refresh of a third-party client costs the same, although it needs a consent', async () => {
    const thirdParty = await issuer.client({ firstParty: false })
    await issuer.stores.consents.grant({
      userId: user.id,
      clientId: thirdParty.id,
      scopes: thirdParty.scopes,
      grantedAt: issuer.clock.now(),
    })
    const { refreshToken } = await issuer.tokens(thirdParty, user)
    await issuer.app.auditTrail.flush()
    const cost = await counted.costOf(async () => {
      expect((await issuer.refresh(thirdParty, refreshToken)).status).toBe(200)
    })
    expect(cost).toEqual({ statements: 1, redis: 2 })
    await issuer.app.auditTrail.flush()
  })

  test.each([
    ['an access token', () => tokens.accessToken],
    ['a refresh token', () => tokens.refreshToken],
  ])('introspecting %s makes one round trip to Redis and runs one statement', async (_, token) => {
    const cost = await counted.costOf(async () => {
      const { json } = await issuer.form('/introspect', { token: token(), ...own() })
      expect(json.active).toBe(true)
    })
    expect(cost).toEqual({ statements: 1, redis: 1 })
  })

  test.each(['/userinfo', '/api/users/me'])(
    'a request to %s makes one round trip to Redis and runs one statement',
    async (path) => {
      const cost = await counted.costOf(async () => {
        expect((await issuer.bearer(path, tokens.accessToken)).status).toBe(200)
      })
      expect(cost).toEqual({ statements: 1, redis: 1 })
    },
  )

  test('the keys, the metadata and a token for a machine need no store', async () => {
    const machine = await issuer.client({ grants: ['client_credentials'], scopes: [] })
    const credentials = { client_id: machine.id, client_secret: machine.secret ?? '' }
    const token = () => issuer.form('/token', { grant_type: 'client_credentials', ...credentials })
    // The first request finds the new client in the store, and the second one reads all clients again.
    for (let time = 0; time < 2; time += 1) expect((await token()).status).toBe(200)
    await issuer.app.auditTrail.flush()
    const cost = await counted.costOf(async () => {
      for (const path of ['/.well-known/jwks.json', '/.well-known/openid-configuration'])
        expect((await issuer.send(path)).status).toBe(200)
      expect((await token()).status).toBe(200)
    })
    expect(cost).toEqual({ statements: 0, redis: 0 })
    await issuer.app.auditTrail.flush()
  })

  test('reads of the same moment share one statement and one round trip', async () => {
    const { users, refreshTokens } = counted.stores
    const cost = await counted.costOf(() =>
      Promise.all(Array.from({ length: 50 }, () => [users.find(user.id), refreshTokens.find('none')]).flat()),
    )
    expect(cost).toEqual({ statements: 1, redis: 1 })
  })
})

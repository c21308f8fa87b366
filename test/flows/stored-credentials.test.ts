// The whole content of the stores after normal use, as an attacker with a dump of them sees it.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEmptySqlite } from '../../harness/empty-database.ts'
import { openRedis } from '../../src/stores/redis/connection.ts'
import { createRedisExpiringStores } from '../../src/stores/redis/redis-stores.ts'
import { openSql } from '../../src/stores/sql/connection.ts'
import { migrate } from '../../src/stores/sql/migrate.ts'
import { createSqlExpiringStores, createSqlLastingStores } from '../../src/stores/sql/sql-stores.ts'
import type { Stores } from '../../src/stores/stores.ts'
import { type TestClient, type TestIssuer, type TestUser, testIssuer } from '../support/issuer.ts'
import { isMissing, postgresDatabase, redisDatabase } from '../support/services.ts'

interface Opened {
  stores: Stores
  /** The whole content of the stores as text. */
  dump(): Promise<string>
  close(): Promise<void>
}

const openOnSql = async (databaseUrl?: string): Promise<Opened> => {
  const { db, changes, close } = await (databaseUrl === undefined
    ? openEmptySqlite()
    : openSql({ databaseUrl }))
  await migrate(db)
  const dump = async () => {
    const tables = await (databaseUrl === undefined
      ? sql<{
          name: string
        }>`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`
      : sql<{ name: string }>`
          select table_name as name from information_schema.tables where table_schema = 'public'`
    ).execute(db)
    const contents = await Promise.all(
      tables.rows.map(async ({ name }) => {
        const { rows } = await sql`select * from ${sql.table(name)}`.execute(db)
        return rows.map((row) => `${name} ${JSON.stringify(row)}`)
      }),
    )
    return contents.flat().join('\n')
  }
  const stores = { ...createSqlLastingStores(db), ...createSqlExpiringStores(db), changes }
  return { stores, dump, close }
}

const openOnPostgresAndRedis = async (): Promise<Opened> => {
  const [database, redisServer] = await Promise.all([postgresDatabase(), redisDatabase()])
  const lasting = await openOnSql(database.url)
  const redis = openRedis(redisServer.url)
  const dumpRedis = () =>
    redis.run(async (connection) => {
      const contents = await Promise.all(
        (await connection.keys('*')).map(async (key) => {
          const value = await {
            string: () => connection.get(key),
            hash: () => connection.hgetall(key),
            set: () => connection.smembers(key),
            zset: () => connection.zrange(key, '0', '-1'),
            list: () => connection.lrange(key, 0, -1),
          }[(await connection.type(key)) as 'string' | 'hash' | 'set' | 'zset' | 'list']?.()
          return `${key} ${JSON.stringify(value)}`
        }),
      )
      return contents.join('\n')
    })
  return {
    stores: { ...lasting.stores, ...createRedisExpiringStores(redis) },
    dump: async () => `${await lasting.dump()}\n${await dumpRedis()}`,
    close: async () => {
      await redis.close()
      await lasting.close()
      await Promise.all([database.close(), redisServer.close()])
    },
  }
}

const kinds = [
  { name: 'SQLite', missing: false, open: () => openOnSql() },
  {
    name: 'PostgreSQL and Redis',
    missing: isMissing('postgres') || isMissing('redis'),
    open: openOnPostgresAndRedis,
  },
]

describe.each(kinds)('a dump of $name', ({ missing, open }) => {
  describe.skipIf(missing)('after normal use', () => {
    let opened: Opened
    let issuer: TestIssuer
    let client: TestClient
    let user: TestUser
    let dump: string
    let secrets: Record<string, string>
    let privateNumbers: string[]
    let waiting: { code: string; verifier: string }

    beforeAll(async () => {
      opened = await open()
      const keyEncryptionKey = randomBytes(32)
      issuer = await testIssuer({ stores: opened.stores, keyEncryptionKeys: [keyEncryptionKey] })
      const { operations } = issuer.app
      const registered = (await operations['clients.create']({
        id: 'web',
        redirectUris: ['https://app.example/callback'],
        thirdParty: true,
        scopes: ['openid', 'profile', 'email', 'offline_access'],
      })) as { client_secret: string }
      const record = await opened.stores.clients.find('web')
      if (record === undefined) throw new Error('The client "web" does not exist.')
      client = { ...record, firstParty: true, secret: registered.client_secret }
      await opened.stores.clients.change('web', { firstParty: true })
      user = await issuer.user({ name: '홍길동' })

      const agent = issuer.browser()
      const tokens = await issuer.tokens(client, user, { nonce: 'n0nce-of-the-day' }, agent)
      const refreshed = await issuer.refresh(client, tokens.refreshToken)
      const firstParty = await issuer.json('/api/token', { email: user.email, password: user.password })
      const wrong = 'a-guess-that-was-wrong-9'
      await issuer.json('/api/token', { email: user.email, password: wrong })
      waiting = await issuer.code(client, user, {}, agent)
      const parked = (await issuer.authorize(client)).location?.searchParams.get('request') ?? ''
      await issuer.form('/revoke', {
        token: tokens.accessToken,
        client_id: 'web',
        client_secret: registered.client_secret,
      })

      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
      await operations['keys.import']({ pem })
      const { d = '', p = '', q = '' } = privateKey.export({ format: 'jwk' })
      privateNumbers = [d, p, q, ...pem.split('\n').filter((line) => line.length === 64)]

      secrets = {
        password: user.password,
        'wrong password': wrong,
        'client secret': registered.client_secret,
        code: waiting.code,
        'code verifier': waiting.verifier,
        'parked request': parked,
        'access token': tokens.accessToken,
        'ID token': tokens.idToken,
        'signature of the access token': tokens.accessToken.split('.')[2] ?? '',
        'refresh token': tokens.refreshToken,
        'rotated refresh token': String(refreshed.json.refresh_token),
        'tag of the rotated refresh token': String(refreshed.json.refresh_token).split('.')[2] ?? '',
        'refresh token of the first-party API': String(firstParty.json.refresh),
        ...Object.fromEntries(agent.cookies),
        'secret half of the session cookie':
          agent.cookies.get('__Host-dojang_session')?.split('.').at(-1) ?? '',
        'key-encryption key': keyEncryptionKey.toString('base64'),
      }
      await issuer.app.auditTrail.flush()
      dump = await opened.dump()
    })
    afterAll(async () => {
      await issuer?.close()
      await opened?.close()
    })

    test('the dump contains users, clients, audit events and signing keys (B13)', () => {
      for (const text of [user.email, 'web', 'token.refreshed', 'signing_keys', '홍길동'])
        expect(dump).toContain(text)
      expect(dump).toContain(user.id)
    })

    test('the dump contains no password, code, token, cookie or client secret (B13)', () => {
      for (const [name, secret] of Object.entries(secrets)) {
        expect(secret.length, name).toBeGreaterThan(8)
        expect(dump, name).not.toContain(secret)
      }
    })

    test('codes, client secrets and cookie secrets have 256 random bits, and no secret is a UUID (B13)', () => {
      const random = [secrets.code, secrets['client secret']]
      for (const value of [...random, secrets['secret half of the session cookie']])
        expect(Buffer.from(value ?? '', 'base64url')).toHaveLength(32)
      for (const value of Object.values(secrets))
        expect(value).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i)
    })

    test('no word of the dump works as a code, a token, a cookie or a parked request (B13)', async () => {
      const words = [...new Set(dump.match(/[A-Za-z0-9_.-]{16,}/g) ?? [])]
      expect(words.length).toBeGreaterThan(20)
      for (const word of words) {
        const redeemed = await issuer.redeem(client, word, waiting.verifier)
        expect(redeemed.json.error, word).toBe('invalid_grant')
        const refreshed = await issuer.refresh(client, word)
        expect(refreshed.json.error, word).toBe('invalid_grant')
        expect((await issuer.bearer('/userinfo', word)).status, word).toBe(401)
        const agent = issuer.browser()
        for (const name of ['session', 'device', 'refresh']) agent.cookies.set(`__Host-dojang_${name}`, word)
        expect((await agent.get('/account')).status, word).not.toBe(200)
        expect((await agent.get(`/authorize?resume=${word}`)).status, word).toBe(400)
      }
      expect((await issuer.redeem(client, waiting.code, waiting.verifier)).status).toBe(200)
    })

    test('the dump contains no private half of a signing key (D3, D4)', () => {
      expect(dump).not.toMatch(/PRIVATE KEY|"(d|p|q|dp|dq|qi|oth|k)" ?:/)
      for (const number of privateNumbers) expect(dump).not.toContain(number)
    })
  })
})

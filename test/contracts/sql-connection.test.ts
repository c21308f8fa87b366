import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../../harness/free-port.ts'
import { openSql } from '../../src/stores/sql/connection.ts'
import { migrate, migrationState } from '../../src/stores/sql/migrate.ts'
import { prepare } from '../../src/stores/sql/prepare.ts'
import { createSqlLastingStores } from '../../src/stores/sql/sql-stores.ts'
import { Unavailable } from '../../src/unavailable.ts'
import { isMissing, postgresDatabase } from '../support/services.ts'
import { atOnce } from './lasting-backends.ts'
import { aClient, aUser } from './records.ts'

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('The work was expected to fail.')
}

describe('SQLite', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = join(mkdtempSync(join(tmpdir(), 'dojang-test-')), 'data')
  })
  afterEach(() => rmSync(dirname(dataDir), { recursive: true, force: true }))

  test('SQLite keeps its data when it is closed and opened again', async () => {
    const first = await openSql({ dataDir })
    await migrate(first.db)
    const role = { name: 'editor', scopes: ["it's 글"] }
    await createSqlLastingStores(first.db).roles.create(role)
    await first.close()
    await first.close()
    const second = await openSql({ dataDir })
    expect(await migrate(second.db)).toEqual([])
    expect(await createSqlLastingStores(second.db).roles.find('editor')).toStrictEqual(role)
    await second.close()
  })

  test('only the owner can read the files of SQLite', async () => {
    const { db, close } = await openSql({ dataDir })
    await migrate(db)
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    const files = readdirSync(dataDir)
    expect(files).toContain('dojang.sqlite')
    for (const file of files) expect(statSync(join(dataDir, file)).mode & 0o777, file).toBe(0o600)
    await close()
  })

  test('SQLite is migrated once when two instances start together (I8)', async () => {
    const instances = await Promise.all([openSql({ dataDir }), openSql({ dataDir })])
    const applied = await Promise.all(instances.map(({ db }) => migrate(db)))
    expect(applied.map((names) => names.length > 0).sort()).toEqual([false, true])
    expect(await migrationState(instances[0].db)).toEqual({ applied: applied.flat(), pending: [] })
    await Promise.all(instances.map(({ close }) => close()))
  })

  test('one instance reads what another instance has written', async () => {
    const [one, two] = await Promise.all([openSql({ dataDir }), openSql({ dataDir })])
    await migrate(one.db)
    await createSqlLastingStores(one.db).roles.create({ name: 'editor', scopes: [] })
    expect(await createSqlLastingStores(two.db).roles.find('editor')).toBeDefined()
    await Promise.all([one.close(), two.close()])
  })

  test('SQLite rolls a transaction back if a statement failed, even if the code ignored the error', async () => {
    const { db, ping, close } = await openSql({ dataDir })
    await sql`create table things (name text)`.execute(db)
    const transaction = db.transaction().execute(async (trx) => {
      await sql`insert into things values ('x')`.execute(trx)
      await failureOf(sql`select nonsense`.execute(trx))
    })
    expect(await failureOf(transaction)).not.toBeInstanceOf(Unavailable)
    await ping()
    expect((await sql`select name from things`.execute(db)).rows).toEqual([])
    await close()
  })

  test('a write that fails does not affect the writes that share its commit', async () => {
    const { db, close } = await openSql({ dataDir })
    await sql`create table things (name text primary key)`.execute(db)
    const add = (name: string) => sql`insert into things values (${name})`.execute(db)
    const results = await Promise.allSettled([add('a'), add('a'), add('b')])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await sql`select name from things order by name`.execute(db)).rows).toEqual([
      { name: 'a' },
      { name: 'b' },
    ])
    await close()
  })

  test('SQLite gives a prepared query the same rows as Kysely', async () => {
    const { db, close } = await openSql({ dataDir })
    await migrate(db)
    const { users, clients } = createSqlLastingStores(db)
    await users.create(
      aUser({ email: 'kim@example.com', emailVerified: true, claims: { user_tier: [1, 'a_b'] } }),
    )
    await clients.create(aClient({ refreshPolicy: { kind: 'rotate', graceSeconds: 5 } }))
    for (const table of ['users', 'clients'] as const) {
      const query = () => db.selectFrom(table).selectAll()
      const rows = await query().execute()
      expect(rows).toHaveLength(1)
      expect(await prepare(db, query)({})).toStrictEqual(rows)
    }
    await close()
  })

  test('a prepared query on SQLite stores text with U+0000, as every other query', async () => {
    const { db, close } = await openSql({ dataDir })
    await migrate(db)
    const insert = prepare(db, (values: { name: string }) =>
      db.insertInto('roles').values({ name: values.name, scopes: '[]' }).returning('name'),
    )
    expect(await insert({ name: 'a\0b' })).toEqual([{ name: 'a\u{fffd}b' }])
    await close()
  })

  test('a prepared query is unavailable after SQLite was closed, but an SQL error is not', async () => {
    const { db, close } = await openSql({ dataDir })
    const find = prepare(db, () => db.selectFrom('roles').select('name'))
    expect(await failureOf(find({}))).not.toBeInstanceOf(Unavailable)
    await close()
    expect(await failureOf(find({}))).toBeInstanceOf(Unavailable)
  })

  test('SQLite is unavailable after close, but an SQL error is not reported as unavailable', async () => {
    const { db, ping, close } = await openSql({ dataDir })
    await ping()
    expect(await failureOf(sql`select nonsense`.execute(db))).not.toBeInstanceOf(Unavailable)
    await close()
    expect(await failureOf(ping())).toBeInstanceOf(Unavailable)
    const start = db.transaction().execute((trx) => sql`select 1`.execute(trx))
    expect(await failureOf(start)).toBeInstanceOf(Unavailable)
  })

  test('a file that is not a database is unavailable', async () => {
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'dojang.sqlite'), 'x'.repeat(4096))
    const { ping, close } = await openSql({ dataDir })
    expect(await failureOf(ping())).toBeInstanceOf(Unavailable)
    await close()
  })
})

test('a PostgreSQL that does not answer is unavailable, and the error contains no address or password', async () => {
  const port = await freePort()
  const { db, ping, close } = await openSql({ databaseUrl: `postgres://jane:opensesame@127.0.0.1:${port}/x` })
  const refused = await failureOf(ping())
  expect(refused).toBeInstanceOf(Unavailable)
  expect(String(refused)).toBe('Error: the database is unavailable')
  expect(await failureOf(migrate(db))).toBeInstanceOf(Unavailable)
  await close()
})

describe.skipIf(isMissing('postgres'))('PostgreSQL', () => {
  const opened = async () => {
    const database = await postgresDatabase()
    const open = () => openSql({ databaseUrl: database.url })
    return { database, open }
  }

  test('PostgreSQL is migrated once when two instances start together (I8)', async () => {
    const { database, open } = await opened()
    const instances = await Promise.all([open(), open()])
    const [one] = instances
    expect((await migrationState(one.db)).applied).toEqual([])
    const applied = await Promise.all(instances.map(({ db }) => migrate(db)))
    expect(applied.map((names) => names.length > 0).sort()).toEqual([false, true])
    expect(await migrationState(one.db)).toEqual({ applied: applied.flat(), pending: [] })
    await Promise.all(instances.map(({ close }) => close()))
    await database.close()
  })

  test('a PostgreSQL that drops its connections is unavailable for running transactions, and then works again', async () => {
    const { database, open } = await opened()
    const [victim, killer] = [await open(), await open()]
    await atOnce(5, () => victim.ping())
    const kill = () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where pid <> pg_backend_pid() and datname = current_database()`.execute(killer.db)
    const inTransaction = victim.db.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx)
      await kill()
      await sql`select 1`.execute(trx)
    })
    expect(await failureOf(inTransaction)).toBeInstanceOf(Unavailable)
    // Each dropped idle connection fails one query.
    await expect
      .poll(() =>
        victim.ping().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    await Promise.all([victim.close(), killer.close()])
    await database.close()
  })

  test('queries work behind a pooler that does not know prepared statements', async () => {
    const database = await postgresDatabase()
    const { db, close } = await openSql({ databaseUrl: database.url })
    await migrate(db)
    const { users } = createSqlLastingStores(db)
    const user = aUser()
    await users.create(user)
    for (let time = 0; time < 3; time += 1) {
      expect((await users.find(user.id))?.id).toBe(user.id)
      // As when the pooler has given the next query another connection.
      await sql`deallocate all`.execute(db)
    }
    await close()
    await database.close()
  })

  test('an SQL error in a transaction on PostgreSQL keeps its code, and the connection stays usable', async () => {
    const { database, open } = await opened()
    const { db, ping, close } = await open()
    const transaction = db.transaction().execute((trx) => sql`select nonsense`.execute(trx))
    const error = await failureOf(transaction)
    expect(error).toMatchObject({ code: '42703' })
    await ping()
    await close()
    expect(await failureOf(ping())).toBeInstanceOf(Unavailable)
    await database.close()
  })
})

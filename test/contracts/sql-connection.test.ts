import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../../harness/free-port.ts'
import { secondsAfter, systemClock } from '../../src/clock.ts'
import { openSql } from '../../src/stores/sql/connection.ts'
import { DataDirInUse, lockDataDir } from '../../src/stores/sql/data-dir-lock.ts'
import { migrate, migrationState } from '../../src/stores/sql/migrate.ts'
import { createSqlLastingStores } from '../../src/stores/sql/sql-stores.ts'
import { Unavailable } from '../../src/unavailable.ts'
import { isMissing, postgresDatabase } from '../support/services.ts'
import { atOnce } from './lasting-backends.ts'

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('The work was expected to fail.')
}

describe('PGlite', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'dojang-test-'))
  })
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  const lockFile = () => join(dataDir, 'dojang.lock')
  const lockedBy = (pid: number, host: string) => {
    writeFileSync(lockFile(), [pid, host, '1', 'other', ''].join('\n'))
    const past = secondsAfter(systemClock.now(), -60)
    utimesSync(lockFile(), past, past)
  }
  const endedPid = () => spawnSync('true').pid

  test('PGlite keeps its data when it is closed and opened again', async () => {
    const first = await openSql({ dataDir })
    await migrate(first.db)
    const role = { name: 'editor', scopes: ["it's 글"] }
    await createSqlLastingStores(first.db).roles.create(role)
    await first.close()
    const second = await openSql({ dataDir })
    expect(await migrate(second.db)).toEqual([])
    expect(await createSqlLastingStores(second.db).roles.find('editor')).toStrictEqual(role)
    await second.close()
  })

  test('PGlite refuses a folder that is in use and names the process, and only the owner can read the files', async () => {
    const { close } = await openSql({ dataDir })
    expect(statSync(join(dataDir, 'pglite')).mode & 0o777).toBe(0o700)
    expect(statSync(lockFile()).mode & 0o777).toBe(0o600)
    const refused = await failureOf(openSql({ dataDir }))
    expect(refused).toBeInstanceOf(DataDirInUse)
    expect(String(refused)).toContain(`pid ${process.pid}`)
    await close()
    await close()
    expect(existsSync(lockFile())).toBe(false)
    lockDataDir(dataDir)()
    expect(existsSync(lockFile())).toBe(false)
  })

  test.each([
    ['of a process that has ended', () => lockedBy(endedPid(), hostname())],
    ['of an earlier process that had the same pid as this one', () => lockedBy(process.pid, hostname())],
    ['of another host that no longer refreshes it', () => lockedBy(1, 'other-host')],
    ['that was left half-written long ago', () => lockedBy(Number.NaN, '')],
  ])('lockDataDir takes over a lock %s', (_, leaveLock) => {
    leaveLock()
    const unlock = lockDataDir(dataDir)
    expect(() => lockDataDir(dataDir)).toThrow(DataDirInUse)
    unlock()
  })

  test('lockDataDir refuses a lock that another host still refreshes', () => {
    lockedBy(1, 'other-host')
    utimesSync(lockFile(), systemClock.now(), systemClock.now())
    expect(() => lockDataDir(dataDir)).toThrow(DataDirInUse)
  })

  test('PGlite rolls a transaction back if a statement failed, even if the code ignored the error', async () => {
    const { db, ping, close } = await openSql({})
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

  test('PGlite is unavailable after close, but an SQL error is not reported as unavailable', async () => {
    const { db, ping, close } = await openSql({})
    await ping()
    expect(await failureOf(sql`select nonsense`.execute(db))).not.toBeInstanceOf(Unavailable)
    await close()
    expect(await failureOf(ping())).toBeInstanceOf(Unavailable)
    const start = db.transaction().execute((trx) => sql`select 1`.execute(trx))
    expect(await failureOf(start)).toBeInstanceOf(Unavailable)
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

// The embedded database after a failure: a file that cannot be opened, a full disk, and a lock that another
// process holds. Also the copy of the file.
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeFolder, temporaryFolder } from '../../harness/process.ts'
import { openSql, type SqlDatabase, sqliteFile } from '../../src/stores/sql/connection.ts'
import { copySqlite } from '../../src/stores/sql/sqlite/copy.ts'
import { Unavailable } from '../../src/unavailable.ts'

let folder: string
let file: string
let database: SqlDatabase
beforeEach(async () => {
  folder = temporaryFolder()
  file = join(folder, sqliteFile)
  database = await openSql({ dataDir: folder })
})
afterEach(async () => {
  await database.close()
  removeFolder(folder)
})

const createTable = () => sql`create table things (name text)`.execute(database.db)
const insert = (name: string) => sql`insert into things values (${name})`.execute(database.db)
const names = async () => {
  const { rows } = await sql<{ name: string }>`select name from things`.execute(database.db)
  return rows.map(({ name }) => name)
}

test('writes work again after the file could not be opened, and closing ends', async () => {
  await database.ping()
  renameSync(file, `${file}.away`)
  mkdirSync(file)
  await expect(createTable()).rejects.toThrow(Unavailable)
  rmSync(file, { recursive: true })
  renameSync(`${file}.away`, file)
  await createTable()
  await insert('a')
  expect(await names()).toEqual(['a'])
})

test('closing ends after the file could not be opened', async () => {
  await database.ping()
  renameSync(file, `${file}.away`)
  mkdirSync(file)
  await expect(createTable()).rejects.toThrow(Unavailable)
  await database.close()
  await expect(database.ping()).rejects.toThrow(Unavailable)
})

test('a full disk makes every write of the shared commit unavailable, and later writes work', async () => {
  await createTable()
  // The pragma belongs to the connection that writes. A transaction runs there.
  await database.db.transaction().execute((trx) => sql`pragma max_page_count = 40`.execute(trx))
  const neighbour = insert('neighbour')
  const tooLarge = database.db.transaction().execute(async (trx) => {
    await sql`insert into things values (zeroblob(1000000))`.execute(trx)
  })
  await expect(tooLarge).rejects.toThrow(Unavailable)
  await expect(neighbour).rejects.toThrow(Unavailable)
  await insert('later')
  expect(await names()).toEqual(['later'])
})

test('all waiting writes fail together when another process keeps the lock', async () => {
  await createTable()
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  const settled: string[] = []
  const transactions = ['a', 'b', 'c'].map((name) =>
    database.db
      .transaction()
      .execute((trx) => sql`insert into things values (${name})`.execute(trx))
      .then(
        () => settled.push('stored'),
        (error: unknown) => settled.push(error instanceof Unavailable ? 'unavailable' : String(error)),
      ),
  )
  await transactions[0]
  // The others have waited as long. They do not wait again, although the lock is free now.
  other.exec('rollback')
  other.close()
  await Promise.all(transactions)
  expect(settled).toEqual(['unavailable', 'unavailable', 'unavailable'])
  await insert('later')
  expect(await names()).toEqual(['later'])
}, 60_000)

test('a copy is complete although the server writes all the time', async () => {
  await createTable()
  const rows = 20_000
  await sql`insert into things
    with recursive counted(n) as (select 1 union all select n + 1 from counted where n < ${rows})
    select hex(randomblob(500)) from counted`.execute(database.db)
  let copying = true
  let written = 0
  const writing = (async () => {
    while (copying) {
      await insert('during the copy')
      written += 1
    }
  })()
  const copy = join(folder, 'copy.sqlite')
  await copySqlite(file, copy).finally(() => {
    copying = false
  })
  await writing
  expect(written).toBeGreaterThan(0)
  const copied = new DatabaseSync(copy, { readOnly: true })
  expect(copied.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
  expect(Number(copied.prepare('select count(*) as n from things').get()?.n)).toBeGreaterThanOrEqual(rows)
  copied.close()
}, 60_000)

test('a copy that fails leaves no file', async () => {
  const copy = join(folder, 'copy.sqlite')
  rmSync(file)
  await expect(copySqlite(file, copy)).rejects.toThrow()
  expect(() => new DatabaseSync(copy, { readOnly: true })).toThrow(/unable to open/)
})

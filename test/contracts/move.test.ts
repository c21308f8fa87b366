// The copy of the embedded database to PostgreSQL: every row of every table, or nothing.

import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import pg from 'pg'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { copyEmptyDatabase } from '../../harness/empty-database.ts'
import { removeFolder, temporaryFolder } from '../../harness/process.ts'
import { openSql, type SqlDatabase } from '../../src/stores/sql/connection.ts'
import { migrate, migrationState } from '../../src/stores/sql/migrate.ts'
import { moveToPostgres } from '../../src/stores/sql/move.ts'
import { createSqlLastingStores } from '../../src/stores/sql/sql-stores.ts'
import type { LastingStores, Move } from '../../src/stores/stores.ts'
import { isMissing, postgresDatabase, type TestDatabase } from '../support/services.ts'
import { aClient, aKey, aUser } from './records.ts'

type Row = Record<string, unknown>

describe.skipIf(isMissing('postgres'))('the move to PostgreSQL', () => {
  let source: SqlDatabase & { dataDir: string }
  let target: TestDatabase
  let server: pg.Client
  let types: Map<string, string>

  beforeAll(async () => {
    types = await readTypes()
  })
  beforeEach(async () => {
    target = await postgresDatabase()
    server = new pg.Client({ connectionString: target.url })
    await server.connect()
    const dataDir = temporaryFolder()
    copyEmptyDatabase(dataDir)
    source = { ...(await openSql({ dataDir })), dataDir }
    await migrate(source.db)
  })
  afterEach(async () => {
    await source.close()
    removeFolder(source.dataDir)
    await server.end()
    await target.close()
  })

  const move = (keep = true): Promise<Move> => moveToPostgres(source, { databaseUrl: target.url, keep })

  /** Calls `use` with a connection of its own, which is closed afterwards. */
  const onFile = <Result>(use: (file: DatabaseSync) => Result): Result => {
    const file = new DatabaseSync(join(source.dataDir, 'dojang.sqlite'))
    try {
      return use(file)
    } finally {
      file.close()
    }
  }

  const tablesOf = (file: DatabaseSync): string[] =>
    file
      .prepare(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by rowid",
      )
      .all()
      .map(({ name }) => String(name))

  const isOwn = (table: string) => table.startsWith('kysely_') || table === 'record_versions'

  const targetTables = async (): Promise<string[]> => {
    const { rows } = await server.query('select tablename from pg_tables where schemaname = current_schema()')
    return rows.map(({ tablename }) => tablename)
  }

  /** Every row that `fill` writes has another first column. */
  const inOrder = (rows: readonly Row[]): Row[] => {
    const first = (row: Row) => String(Object.values(row)[0])
    return rows.toSorted((one, other) => (first(one) < first(other) ? -1 : 1))
  }

  const readTarget = async (table: string): Promise<Row[]> => {
    const { rows } = await server.query(`select * from ${table}`)
    // The driver reads a bigint as text.
    const read = (column: string, value: unknown) =>
      types.get(`${table}.${column}`) === 'bigint' && value !== null ? Number(value) : value
    return rows.map((row: Row) =>
      Object.fromEntries(Object.entries(row).map(([column, value]) => [column, read(column, value)])),
    )
  }

  /** The types of PostgreSQL for each column, because SQLite has no types for times, flags and JSON. */
  const readTypes = async (): Promise<Map<string, string>> => {
    const other = await postgresDatabase()
    const { db, close } = await openSql({ databaseUrl: other.url })
    const client = new pg.Client({ connectionString: other.url })
    try {
      await migrate(db)
      await client.connect()
      const { rows } = await client.query(
        'select table_name, column_name, data_type from information_schema.columns where table_schema = current_schema()',
      )
      return new Map(rows.map((row) => [`${row.table_name}.${row.column_name}`, row.data_type]))
    } finally {
      await client.end()
      await close()
      await other.close()
    }
  }

  /** A value of the column that no other row has, and that is hard to convert. */
  const valueFor = (type: string | undefined, number: number): SQLInputValue => {
    switch (type) {
      case 'timestamp with time zone':
        return 1_772_355_600_123 + number
      case 'boolean':
        return number % 2
      case 'jsonb':
        return JSON.stringify([`글 "\\u0000" ${number}`, { 'a.b': [], c: 0.1, ㅏ: null, d: false }])
      case 'text':
        return `도장 \\u0000 \\ " ' \t 🙂 ${number}`
      default:
        return number
    }
  }

  /** Writes rows to every table, so that a table of a later migration has rows too. */
  const fill = (count = 2): void => {
    onFile((file) => {
      file.exec('begin')
      for (const table of tablesOf(file).filter((name) => !isOwn(name))) {
        const columns = file.prepare(`pragma table_info(${table})`).all()
        const references = file.prepare(`pragma foreign_key_list(${table})`).all()
        for (let number = 1; number <= count; number += 1) {
          const values = columns.map(({ name, notnull, pk }): SQLInputValue => {
            const reference = references.find(({ from }) => from === name)
            if (reference) {
              const [parent] = file
                .prepare(`select * from ${reference.table} limit 1 offset ${number - 1}`)
                .all()
              return Object.values(parent ?? {})[0] as SQLInputValue
            }
            return notnull === 0 && pk === 0 && number % 2 === 0
              ? null
              : valueFor(types.get(`${table}.${name}`), number)
          })
          // A table with one row rejects the second.
          file
            .prepare(`insert or ignore into ${table} values (${values.map(() => '?').join(', ')})`)
            .run(...values)
        }
      }
      file.exec('commit')
    })
  }

  /** Converts by the type of PostgreSQL, and not by the names of columns as the code does. */
  const converted = (type: string | undefined, value: unknown): unknown => {
    if (value === null) return null
    if (type === 'timestamp with time zone') return new Date(Number(value))
    if (type === 'boolean') return value === 1
    return type === 'jsonb' ? JSON.parse(String(value)) : value
  }

  const readSource = (table: string): Row[] => {
    const rows = onFile((file) => file.prepare(`select * from ${table}`).all())
    return rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => [
          column,
          converted(types.get(`${table}.${column}`), value),
        ]),
      ),
    )
  }

  test('the move copies every row of every table with the same values', async () => {
    fill()
    const moved = await move()
    const tables = onFile(tablesOf)
    const copied = tables.filter((table) => !isOwn(table))
    expect(copied.length).toBeGreaterThan(15)
    expect((await targetTables()).sort()).toEqual(tables.sort())
    for (const table of copied) {
      const rows = readSource(table)
      expect(rows.length, table).toBeGreaterThan(0)
      expect(inOrder(await readTarget(table)), table).toEqual(inOrder(rows))
    }
    const { db, close } = await openSql({ databaseUrl: target.url })
    expect((await migrationState(db)).pending).toEqual([])
    await close()
    expect(moved).toEqual({
      outcome: 'moved',
      tables: copied.map((table) => ({ table, rows: readSource(table).length })),
    })
  })

  test('the move copies a table with more rows than one statement inserts', async () => {
    onFile((file) =>
      file.exec(`
        with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 2500)
        insert into users (id, email_verified, claims, onboarded, created_at, updated_at)
        select n, 0, '{}', 0, n, n from numbers`),
    )
    await move()
    const { rows } = await server.query('select count(*), count(distinct id) as ids from users')
    expect(rows).toEqual([{ count: '2500', ids: '2500' }])
  })

  test('an audit event after the move comes after the copied ones', async () => {
    fill(3)
    await move()
    const add = `insert into audit_events (id, at, type, actor) values ('new', now(), 'x', 'system') returning position`
    const { rows } = await server.query(add)
    expect(Number(rows[0].position)).toBe(4)
  })

  test('the move works on a database that this version has migrated and nobody used', async () => {
    const { db, close } = await openSql({ databaseUrl: target.url })
    await migrate(db)
    await close()
    const lasting = createSqlLastingStores(source.db)
    // The migrations create this role at the target.
    await lasting.roles.delete('user')
    await lasting.users.create(aUser({ email: 'jane@example.com' }))
    expect(await move()).toMatchObject({ outcome: 'moved' })
    expect(await readTarget('users')).toMatchObject([{ email: 'jane@example.com' }])
    expect(await readTarget('roles')).toEqual([])
  })

  test('a copy that PostgreSQL rejects leaves the target empty and the source unchanged', async () => {
    fill()
    // An index entry of PostgreSQL has at most 2704 bytes.
    const long = Array.from({ length: 3000 }, (_, index) =>
      String.fromCodePoint(0xac00 + ((index * 7919) % 11172)),
    )
    onFile((file) => file.prepare('update blacklist set value = ? where rowid = 1').run(long.join('')))
    const before = onFile(tablesOf).map((table) => readSource(table))
    await expect(move()).rejects.toThrow(
      /Nothing was moved, because the table "blacklist" cannot be copied: index row/,
    )
    expect(await targetTables()).toEqual([])
    expect(onFile(tablesOf).map((table) => readSource(table))).toEqual(before)
  })

  test('a copy that loses a row is not kept', async () => {
    const { db, close } = await openSql({ databaseUrl: target.url })
    await migrate(db)
    await close()
    await server.query(`
      create function drop_row() returns trigger language plpgsql as 'begin return null; end';
      create trigger drop_row before insert on clients for each row execute function drop_row()`)
    fill()
    await expect(move()).rejects.toThrow(
      'Nothing was moved, because the table "clients" has 2 rows here and 0 rows in PostgreSQL.',
    )
    expect(await readTarget('users')).toEqual([])
  })

  test('a dry run copies and counts everything, and keeps nothing', async () => {
    fill()
    expect(await move(false)).toMatchObject({
      outcome: 'moved',
      tables: expect.arrayContaining([{ table: 'users', rows: 2 }]),
    })
    expect(await targetTables()).toEqual([])
  })

  const additions: { what: string; table: string; add(stores: LastingStores): Promise<unknown> }[] = [
    {
      what: 'a signing key',
      table: 'signing_keys',
      add: ({ signingKeys }) => signingKeys.update(() => [aKey()]),
    },
    { what: 'a role', table: 'roles', add: ({ roles }) => roles.create({ name: 'editor', scopes: [] }) },
    { what: 'a client', table: 'clients', add: ({ clients }) => clients.create(aClient()) },
  ]

  test.each(additions)('the move refuses a target with $what', async ({ table, add }) => {
    const { db, close } = await openSql({ databaseUrl: target.url })
    await migrate(db)
    await add(createSqlLastingStores(db))
    await close()
    fill()
    const before = await readTarget(table)
    expect(await move()).toEqual({ outcome: 'target_holds_data', table })
    expect(await readTarget(table)).toEqual(before)
    expect(await readTarget('users')).toEqual([])
  })

  test('the move refuses a target in which the role may not create tables', async () => {
    fill()
    const { pathname } = new URL(target.url)
    // Without a schema nobody may create tables.
    await server.query(`alter database ${pathname.slice(1)} set search_path to nowhere`)
    expect(await move()).toEqual({ outcome: 'target_forbids_tables' })
  })

  test('the move refuses a source without data', async () => {
    expect(await move()).toEqual({ outcome: 'source_is_empty', dataDir: source.dataDir })
    expect(await targetTables()).toEqual([])
  })

  test('the move refuses a source that another connection has open', async () => {
    fill()
    const other = await openSql({ dataDir: source.dataDir })
    await other.ping()
    expect(await move()).toEqual({ outcome: 'source_in_use', dataDir: source.dataDir })
    expect(await targetTables()).toEqual([])
    await other.close()
    expect(await move()).toMatchObject({ outcome: 'moved' })
  })
})

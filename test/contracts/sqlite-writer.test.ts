// Writes of SQLite that share a commit: when they are answered, and what happens if the commit fails.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openSql } from '../../src/stores/sql/connection.ts'
import type { Request, Step } from '../../src/stores/sql/sqlite/messages.ts'
import { createSqliteWriter, type SqliteWriter } from '../../src/stores/sql/sqlite/writer.ts'

let folder: string
let file: string
let writer: SqliteWriter

const statement = (text: string, ...parameters: string[]) => ({ sql: text, parameters })
const insert = (name: string) => statement('insert into things values (?)', name)
/** A child without a parent. SQLite notices it at the commit. */
const orphan = statement("insert into children values ('nobody')")
/** A duplicate of an existing row. SQLite then rolls the whole transaction back. */
const loseEverything = statement("insert or rollback into things values ('first')")

/** Runs statements in one transaction. */
const transact = async (...statements: ReturnType<typeof statement>[]): Promise<void> => {
  const transaction = await writer.begin()
  try {
    for (const each of statements) await transaction.run(each)
  } catch (error) {
    await transaction.rollback()
    throw error
  }
  await transaction.commit()
}

/** What another connection sees. */
const namesOnDisk = (): unknown[] => {
  const db = new DatabaseSync(file, { readOnly: true })
  const names = db.prepare('select name from things order by name').all()
  db.close()
  return names.map(({ name }) => name)
}

const outcomes = async (work: Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(work)).map(({ status }) => status)

const stepsOf = (message: unknown): readonly Step[] => (message === 'close' ? [] : (message as Request).steps)

/** Records the steps that the thread gets. A statement is recorded as its text. */
const recordSteps = () => {
  const spy = vi.spyOn(Worker.prototype, 'postMessage')
  return () =>
    spy.mock.calls
      .flatMap(([message]) => stepsOf(message))
      .map((step) => (typeof step === 'string' ? step : step.sql))
}

/** Keeps back every message that contains a commit. */
const holdCommits = () => {
  const post = Worker.prototype.postMessage
  const first = Promise.withResolvers<void>()
  const held: (() => void)[] = []
  const spy = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, message) {
    if (!stepsOf(message).includes('commit')) return post.call(this, message)
    held.push(() => post.call(this, message))
    first.resolve()
  })
  const release = () => {
    spy.mockRestore()
    for (const send of held) send()
  }
  return { isHeld: first.promise, release }
}

const count = (steps: string[], wanted: string) => steps.filter((step) => step === wanted).length

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dojang-test-'))
  file = join(folder, 'test.sqlite')
  writer = createSqliteWriter(file)
  await writer.run(statement('create table things (name text primary key)'))
  await writer.run(
    statement('create table children (parent text references things deferrable initially deferred)'),
  )
  await writer.run(insert('first'))
})

afterEach(async () => {
  vi.restoreAllMocks()
  await writer.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a commit of SQLite', () => {
  test('SQLite answers writes only after their common commit', async () => {
    const { isHeld, release } = holdCommits()
    const answered: string[] = []
    const work = [
      writer.run(insert('a')).then(() => answered.push('statement')),
      transact(insert('b')).then(() => answered.push('transaction')),
    ]
    await isHeld
    await nextTurn()
    expect(answered).toEqual([])
    expect(namesOnDisk()).toEqual(['first'])
    release()
    await Promise.all(work)
    expect(answered.sort()).toEqual(['statement', 'transaction'])
    expect(namesOnDisk()).toEqual(['a', 'b', 'first'])
  })

  test('SQLite does not answer a write while a transaction of the same commit is open', async () => {
    let isAnswered = false
    const write = writer.run(insert('a')).then(() => {
      isAnswered = true
    })
    const transaction = await writer.begin()
    await transaction.run(insert('b'))
    expect(isAnswered).toBe(false)
    expect(namesOnDisk()).toEqual(['first'])
    await transaction.commit()
    await write
    expect(namesOnDisk()).toEqual(['a', 'b', 'first'])
  })

  test('every write of a commit fails if the commit fails, and SQLite then rolls back', async () => {
    const steps = recordSteps()
    const work = [writer.run(insert('a')), writer.run(orphan), writer.run(insert('b'))]
    expect(await outcomes(work)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(steps().slice(-2)).toEqual(['commit', 'rollback'])
    await writer.run(insert('c'))
    expect(namesOnDisk()).toEqual(['c', 'first'])
  })

  test('every transaction of a commit fails if the commit fails, and SQLite then rolls back', async () => {
    const steps = recordSteps()
    const work = [writer.run(insert('a')), transact(orphan), transact(insert('b'))]
    expect(await outcomes(work)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(count(steps(), 'begin')).toBe(1)
    expect(steps().slice(-2)).toEqual(['commit', 'rollback'])
    await writer.run(insert('c'))
    expect(namesOnDisk()).toEqual(['c', 'first'])
  })

  test('many writes at once are all stored, in more than one commit', async () => {
    const steps = recordSteps()
    const names = Array.from({ length: 1000 }, (_, index) => `n${index}`)
    const work = names.map((name, index) =>
      index % 100 === 50 ? transact(insert(name)) : writer.run(insert(name)),
    )
    await Promise.all(work)
    expect(namesOnDisk()).toEqual(['first', ...names].sort())
    const commits = count(steps(), 'commit')
    expect(commits).toBeGreaterThan(1)
    expect(commits).toBeLessThan(100)
    expect(count(steps(), 'begin')).toBe(commits)
  })
})

describe('a transaction that SQLite rolls back', () => {
  test('a statement that loses the transaction fails the writes before and after it', async () => {
    const steps = recordSteps()
    const lost = [writer.run(insert('a')), writer.run(loseEverything), writer.run(insert('b'))]
    expect(await outcomes(lost)).toEqual(['rejected', 'rejected', 'rejected'])
    await transact(insert('c'))
    expect(namesOnDisk()).toEqual(['c', 'first'])
    expect(steps().slice(-5)).toEqual(['begin', 'savepoint', insert('c').sql, 'release savepoint', 'commit'])
  })

  test('a transaction that waits behind a lost one is stored', async () => {
    const lost = [writer.run(insert('a')), writer.run(loseEverything), writer.run(insert('b'))]
    const next = transact(insert('c'))
    expect(await outcomes(lost)).toEqual(['rejected', 'rejected', 'rejected'])
    await next
    expect(namesOnDisk()).toEqual(['c', 'first'])
  })

  test('a statement that follows a lost transaction is not stored on its own', async () => {
    const transaction = await writer.begin()
    const work = [transaction.run(loseEverything), transaction.run(insert('stray'))]
    expect(await outcomes(work)).toEqual(['rejected', 'rejected'])
    await transaction.rollback().catch(() => {})
    await writer.run(insert('c'))
    expect(namesOnDisk()).toEqual(['c', 'first'])
  })

  test('a full disk fails every write of the commit, and a later write works', async () => {
    const { rows } = await writer.run(statement('pragma page_count'))
    await writer.run(statement(`pragma max_page_count = ${rows[0]?.[0]}`))
    const huge = insert('x'.repeat(100_000))
    const lost = [writer.run(insert('a')), writer.run(huge), writer.run(insert('b'))]
    const results = await Promise.allSettled(lost)
    // 13 is SQLITE_FULL.
    const failed = { status: 'rejected', reason: { code: 13 } }
    expect(results).toMatchObject([failed, failed, failed])
    await writer.run(insert('c'))
    expect(namesOnDisk()).toEqual(['c', 'first'])
  })

  test('a lost transaction fails the writes before it, and the next writes get a new one', async () => {
    const steps = recordSteps()
    const lost = [writer.run(insert('a')), transact(insert('b'), loseEverything)]
    const next = writer.run(insert('c'))
    expect(await outcomes(lost)).toEqual(['rejected', 'rejected'])
    await next
    expect(namesOnDisk()).toEqual(['c', 'first'])
    expect(steps().slice(-3)).toEqual(['begin', insert('c').sql, 'commit'])
  })

  test('a failed transaction does not affect the writes that share its commit', async () => {
    const steps = recordSteps()
    const work: Promise<unknown>[] = [
      writer.run(insert('a')),
      transact(insert('b'), insert('first')),
      writer.run(insert('c')),
      transact(insert('d')),
    ]
    expect(await outcomes(work)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(namesOnDisk()).toEqual(['a', 'c', 'd', 'first'])
    expect([count(steps(), 'begin'), count(steps(), 'commit')]).toEqual([1, 1])
  })
})

describe('a connection to SQLite', () => {
  test('SQLite stores every requested write before it closes', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `n${index}`)
    let answered = 0
    const work = names.map((name, index) => {
      const write = index % 30 === 15 ? transact(insert(name)) : writer.run(insert(name))
      return write.then(() => {
        answered += 1
      })
    })
    const settled = outcomes(work)
    await writer.close()
    expect(answered).toBe(names.length)
    expect(new Set(await settled)).toEqual(new Set(['fulfilled']))
    expect(namesOnDisk()).toEqual(['first', ...names].sort())
  })

  test('SQLite stores the writes that were requested before its thread started', async () => {
    const second = createSqliteWriter(file)
    const work = [second.run(insert('a')), second.run(insert('b'))]
    const settled = outcomes(work)
    await second.close()
    expect(namesOnDisk()).toEqual(['a', 'b', 'first'])
    expect(await settled).toEqual(['fulfilled', 'fulfilled'])
  })

  test('SQLite refuses a write after it has closed', async () => {
    await writer.close()
    await expect(writer.run(insert('a'))).rejects.toMatchObject({ name: 'SqliteError', code: 0 })
    await expect(writer.begin()).rejects.toMatchObject({ name: 'SqliteError', code: 0 })
  })

  test('SQLite reads and writes with full disk syncs, foreign keys and a write-ahead log', async () => {
    const { db, close } = await openSql({ dataDir: folder })
    const settings = async (connection: typeof db) => [
      (await sql`pragma synchronous`.execute(connection)).rows[0],
      (await sql`pragma foreign_keys`.execute(connection)).rows[0],
      (await sql`pragma journal_mode`.execute(connection)).rows[0],
    ]
    // 2 is FULL.
    const expected = [{ synchronous: 2 }, { foreignKeys: 1 }, { journalMode: 'wal' }]
    expect(await settings(db)).toEqual(expected)
    expect(await db.transaction().execute(settings)).toEqual(expected)
    await close()
  })

  test('SQLite refuses a row whose foreign key does not exist', async () => {
    await writer.run(statement('create table toys (owner text references things)'))
    // 787 is SQLITE_CONSTRAINT_FOREIGNKEY.
    await expect(writer.run(statement("insert into toys values ('nobody')"))).rejects.toMatchObject({
      code: 787,
    })
    await writer.run(statement("insert into toys values ('first')"))
  })
})

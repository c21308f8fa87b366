// Two connections that write to one SQLite file: one waits for the lock, and neither keeps it to itself.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBeginWrite } from '../../src/stores/sql/sqlite/begin-write.ts'
import { configure } from '../../src/stores/sql/sqlite/connection-settings.ts'

let folder: string
let mine: DatabaseSync
let other: DatabaseSync
let begin: () => void

const open = (): DatabaseSync => {
  const db = new DatabaseSync(join(folder, 'test.sqlite'))
  configure(db)
  return db
}

/** Records each sleep of the writer, and does something instead of it. */
const insteadOfSleep = (what: () => void = () => {}) =>
  vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    what()
    return 'timed-out'
  })

const writeBy = (db: DatabaseSync) => db.exec('insert into things values (1)')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dojang-test-'))
  mine = open()
  mine.exec('create table things (number integer)')
  other = open()
  begin = createBeginWrite(mine)
  begin()
  mine.exec('commit')
})
afterEach(() => {
  vi.restoreAllMocks()
  mine.close()
  other.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a writer begins when the other one gives the lock back', () => {
  other.exec('begin immediate')
  const sleeps = insteadOfSleep(() => {
    if (sleeps.mock.calls.length === 3) other.exec('commit')
  })
  begin()
  expect(mine.isTransaction).toBe(true)
  expect(sleeps).toHaveBeenCalledTimes(3)
})

test('a writer gives up after five seconds in all, and looks at the lock every few milliseconds', () => {
  other.exec('begin immediate')
  const sleeps = insteadOfSleep()
  expect(begin).toThrow('database is locked')
  const lengths = sleeps.mock.calls.map(([, , , ms]) => Number(ms))
  expect(Math.max(...lengths)).toBeLessThan(5)
  const total = lengths.reduce((sum, ms) => sum + ms, 0)
  expect(total).toBeGreaterThanOrEqual(5000)
  expect(total).toBeLessThan(5010)
})

test('a writer leaves the lock free for a moment only if the other one has written', () => {
  const sleeps = insteadOfSleep()
  for (let time = 0; time < 2; time += 1) {
    begin()
    writeBy(mine)
    mine.exec('commit')
  }
  expect(sleeps).not.toHaveBeenCalled()
  writeBy(other)
  begin()
  expect(sleeps).toHaveBeenCalledTimes(1)
})

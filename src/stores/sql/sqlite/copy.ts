// Copies the database file while others use it (SQLite's online backup).
import { closeSync, openSync, rmSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { SqliteError } from './sqlite-error.ts'

/** All pages in one step: a write of the server between two steps would start the copy again. */
const allPages = 2 ** 31 - 1

/** @throws {Error} a system error if `to` exists or cannot be written; {SqliteError} if the copy fails */
export const copySqlite = async (from: string, to: string): Promise<void> => {
  // Only the owner may read the copy.
  closeSync(openSync(to, 'wx', 0o600))
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(from, { readOnly: true })
    await backup(db, to, { rate: allPages })
  } catch (error) {
    rmSync(to, { force: true })
    throw SqliteError.from(error)
  } finally {
    db?.close()
  }
}

// Copies the database file while others use it (SQLite's online backup).
import { closeSync, openSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { SqliteError } from './sqlite-error.ts'

/** @throws {Error} a system error if `to` exists or cannot be written; {SqliteError} if the copy fails */
export const copySqlite = async (from: string, to: string): Promise<void> => {
  // Only the owner may read the copy.
  closeSync(openSync(to, 'wx', 0o600))
  const db = new DatabaseSync(from, { readOnly: true })
  try {
    await backup(db, to)
  } catch (error) {
    throw SqliteError.from(error)
  } finally {
    db.close()
  }
}

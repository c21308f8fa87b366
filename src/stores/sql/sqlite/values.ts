// SQLite has no types for times, booleans and JSON. A column's name says which of them its numbers and
// texts are.
import type { SQLInputValue } from 'node:sqlite'

/** Milliseconds since 1970. Names that end with `_at` or `_until` are times too. */
const times = new Set(['at', 'auth_time', 'cutoff', 'now', 'tokens_valid_after'])

/** 0 or 1. */
const flags = new Set(['email_verified', 'first_party', 'onboarded', 'pkce_required'])

/** JSON text. */
const documents = new Set([
  'amr',
  'audiences',
  'claims',
  'families',
  'grants',
  'held_roles',
  'introspects',
  'kids',
  'origins',
  'post_logout_redirect_uris',
  'public_jwk',
  'redirect_uris',
  'refresh_policy',
  'request',
  'resource',
  'response_modes',
  'scope',
  'scopes',
])

type Read = (value: unknown) => unknown

const readTime: Read = (value) => (typeof value === 'number' ? new Date(value) : value)
const readFlag: Read = (value) => value === 1
const readDocument: Read = (value) => (typeof value === 'string' ? JSON.parse(value) : value)
const readPlain: Read = (value) => value

const readerOf = (column: string): Read => {
  if (times.has(column) || /_(at|until)$/.test(column)) return readTime
  if (flags.has(column)) return readFlag
  return documents.has(column) ? readDocument : readPlain
}

/** By the name of the column, so that each name is looked at once. */
const readers = new Map<string, Read>()

/** The same row, with times as Date, flags as boolean and documents as parsed JSON. */
export const readRow = (row: Record<string, unknown>): Record<string, unknown> => {
  for (const column of Object.keys(row)) {
    if (row[column] === null) continue
    let read = readers.get(column)
    if (read === undefined) {
      read = readerOf(column)
      readers.set(column, read)
    }
    row[column] = read(row[column])
  }
  return row
}

/** @throws {TypeError} for a value that SQLite cannot store */
export const toParameter = (value: unknown): SQLInputValue => {
  if (value === undefined || value === null) return null
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value
  throw new TypeError(`SQLite cannot store a value of the type ${typeof value}`)
}

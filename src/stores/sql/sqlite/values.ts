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

interface Column {
  /** Its name in camelCase, as CamelCasePlugin of Kysely writes it. */
  member: string
  read: Read
}

/** By the name of the column, so that each name is looked at once. */
const columns = new Map<string, Column>()

const columnOf = (name: string): Column => {
  const known = columns.get(name)
  if (known !== undefined) return known
  const member = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const column = { member, read: readerOf(name) }
  columns.set(name, column)
  return column
}

type Row = Record<string, unknown>

/** The same row, with times as Date, flags as boolean and documents as parsed JSON. */
export const readRow = (row: Row): Row => {
  for (const name of Object.keys(row)) if (row[name] !== null) row[name] = columnOf(name).read(row[name])
  return row
}

/** The values of `readRow`, with the names of members instead of the names of columns. */
export const readRecord = (row: Row): Row => {
  const record: Row = {}
  for (const name of Object.keys(row)) {
    const { member, read } = columnOf(name)
    record[member] = row[name] === null ? null : read(row[name])
  }
  return record
}

/** @throws {TypeError} for a value that SQLite cannot store */
export const toParameter = (value: unknown): SQLInputValue => {
  if (value === undefined || value === null) return null
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value
  throw new TypeError(`SQLite cannot store a value of the type ${typeof value}`)
}

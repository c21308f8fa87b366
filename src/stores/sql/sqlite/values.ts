// SQLite has no types for times, booleans and JSON. A column's name says which of them its numbers and
// texts are.
import type { SQLInputValue } from 'node:sqlite'
import type { Rows } from './messages.ts'

/** Milliseconds since 1970. Names that end with `_at` or `_until` are times too. */
const times = new Set(['at', 'auth_time', 'cutoff', 'now', 'tokens_valid_after'])

/** 0 or 1. */
const flags = new Set(['email_verified', 'first_party', 'onboarded', 'one_session', 'pkce_required'])

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
  'scope_texts',
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
  name: string
  /** Its name in camelCase, as CamelCasePlugin of Kysely writes it. */
  member: string
  read: Read
}

/** By the name of the column, so that each name is looked at once. */
const known = new Map<string, Column>()

const columnOf = (name: string): Column => {
  const found = known.get(name)
  if (found !== undefined) return found
  const member = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const column = { name, member, read: readerOf(name) }
  known.set(name, column)
  return column
}

/**
 * Rows with times as Date, flags as boolean and documents as parsed JSON.
 * @param key the members have the names of the columns, or these names in camelCase
 */
export const readRows = (
  { columns, rows }: Pick<Rows, 'columns' | 'rows'>,
  key: 'name' | 'member' = 'name',
): Record<string, unknown>[] => {
  const readers = columns.map(columnOf)
  return rows.map((values) => {
    const row: Record<string, unknown> = {}
    for (const [index, column] of readers.entries()) {
      const value = values[index] ?? null
      row[column[key]] = value === null ? null : column.read(value)
    }
    return row
  })
}

/** @throws {TypeError} for a value that SQLite cannot store */
export const toParameter = (value: unknown): SQLInputValue => {
  if (value === undefined || value === null) return null
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value
  throw new TypeError(`SQLite cannot store a value of the type ${typeof value}`)
}

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

const isTime = (column: string): boolean => times.has(column) || /_(at|until)$/.test(column)

const read = (column: string, value: unknown): unknown => {
  if (value === null) return null
  if (isTime(column)) return typeof value === 'number' ? new Date(value) : value
  if (flags.has(column)) return value === 1
  return documents.has(column) && typeof value === 'string' ? JSON.parse(value) : value
}

/** A row with times as Date, flags as boolean and documents as parsed JSON. */
export const readRow = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, read(column, value)]))

/** @throws {TypeError} for a value that SQLite cannot store */
export const toParameter = (value: unknown): SQLInputValue => {
  if (value === undefined || value === null) return null
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value
  throw new TypeError(`SQLite cannot store a value of the type ${typeof value}`)
}

// Converts between rows and records, and reads constraint errors. A null column becomes an absent member.
import { SqliteError } from './sqlite/sqlite-error.ts'

type NullableKeys<Row> = { [Key in keyof Row]: null extends Row[Key] ? Key : never }[keyof Row]

export type WithoutNulls<Row> = Omit<Row, NullableKeys<Row>> & {
  [Key in NullableKeys<Row>]?: Exclude<Row[Key], null>
}

/** The row without the members that are null. */
export const withoutNulls = <Row extends object>(row: Row): WithoutNulls<Row> => {
  const kept: Partial<Row> = {}
  for (const name of Object.keys(row) as (keyof Row)[]) if (row[name] !== null) kept[name] = row[name]
  return kept as WithoutNulls<Row>
}

/** Replaces U+0000 and lone surrogates with U+FFFD, because jsonb rejects them. See failures.ts for text. */
const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\u{fffd}')

const storable = (value: unknown): unknown => {
  if (typeof value === 'string') return storableText(value)
  if (Array.isArray(value)) return value.map(storable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [storableText(key), storable(member)]),
  )
}

/** JSON.stringify escapes both, so most texts contain neither. */
const unstorable = /\\u(0000|d[89a-f])/

/** The text for a jsonb column. A date becomes ISO 8601 text. */
export const json = (value: unknown): string => {
  const text = JSON.stringify(value)
  return unstorable.test(text) ? JSON.stringify(storable(JSON.parse(text))) : text
}

const isUniqueViolation = (error: unknown): error is Error & { constraint: unknown } =>
  error instanceof Error && 'code' in error && error.code === '23505' && 'constraint' in error

/** SQLite names the columns of a unique index, and not the index. */
const sqliteIndexes: Readonly<Record<string, string>> = {
  'users.email': 'users_email_key',
  'users.username_key': 'users_username_key',
  'identities.provider, identities.subject': 'identities_pkey',
}

/** Extended result codes: unique index, primary key. */
const sqliteCodes = { unique: 2067, primaryKey: 1555 } as const

/** The name of the unique index that rejected the row, or undefined for any other error. */
export const violatedIndex = (error: unknown): string | undefined => {
  if (isUniqueViolation(error)) return typeof error.constraint === 'string' ? error.constraint : undefined
  if (!(error instanceof SqliteError)) return undefined
  if (error.code !== sqliteCodes.unique && error.code !== sqliteCodes.primaryKey) return undefined
  return sqliteIndexes[error.message.replace('UNIQUE constraint failed: ', '')]
}

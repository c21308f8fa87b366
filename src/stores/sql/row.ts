// Between rows and records: SQL's null is our absent member, and JSON goes in as text.

type NullableKeys<Row> = { [Key in keyof Row]: null extends Row[Key] ? Key : never }[keyof Row]

export type WithoutNulls<Row> = Omit<Row, NullableKeys<Row>> & {
  [Key in NullableKeys<Row>]?: Exclude<Row[Key], null>
}

/** The row without its members that are null. */
export const withoutNulls = <Row extends object>(row: Row): WithoutNulls<Row> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as WithoutNulls<Row>

/** jsonb takes neither U+0000 nor half a surrogate pair: both become U+FFFD, as they do in plain text (failures.ts). */
const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\u{fffd}')

const storable = (value: unknown): unknown => {
  if (typeof value === 'string') return storableText(value)
  if (Array.isArray(value)) return value.map(storable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [storableText(key), storable(member)]),
  )
}

/** A value for a jsonb column. Dates become ISO 8601 text. */
export const json = (value: unknown): string => JSON.stringify(storable(JSON.parse(JSON.stringify(value))))

const isUniqueViolation = (error: unknown): error is Error & { constraint: unknown } =>
  error instanceof Error && 'code' in error && error.code === '23505' && 'constraint' in error

/** The name of the unique index that refused the row, or undefined if something else went wrong. */
export const violatedIndex = (error: unknown): string | undefined =>
  isUniqueViolation(error) && typeof error.constraint === 'string' ? error.constraint : undefined

/** Was the row refused because it refers to one that is not there? */
export const refusesReference = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23503'

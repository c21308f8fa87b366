// Queries that every request runs. Kysely builds and compiles such a query once, and later runs only pass new
// values. Building it again for each request costs more than the database itself.
import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import { hashToken } from '../../secrets.ts'
import type { Schema } from './schema.ts'

/** The names of all prepared queries, by their text. */
const names = new Map<string, string>()

/**
 * The name under which PostgreSQL keeps a prepared query, which it parses and plans once per connection.
 * Undefined for every other text.
 */
export const statementName = (text: string): string | undefined => names.get(text)

/** Runs a compiled query with these values for its parameters. The names in the rows are camelCase. */
export type RunPrepared = (query: CompiledQuery, parameters: readonly unknown[]) => Promise<object[]>

const shortcuts = new WeakMap<Kysely<Schema>, RunPrepared>()

/** From now on the prepared queries of this database do not run through Kysely. */
export const runPreparedWith = (db: Kysely<Schema>, run: RunPrepared): void => {
  shortcuts.set(db, run)
}

const throughKysely =
  (db: Kysely<Schema>): RunPrepared =>
  async (query, parameters) =>
    (await db.executeQuery<object>({ ...query, parameters })).rows

/** Stands for a value while the query is compiled. */
class Placeholder {
  readonly name: string | symbol

  constructor(name: string | symbol) {
    this.name = name
  }
}

/**
 * @param build builds the query. Its parameter has a placeholder for each value.
 * @returns runs the query with these values, outside a transaction
 */
export const prepare = <Values extends object, Row>(
  db: Kysely<Schema>,
  build: (values: Values) => Compilable<Row>,
): ((values: Values) => Promise<Row[]>) => {
  const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(name) })
  const compiled = build(placeholders as Values).compile()
  names.set(compiled.sql, `dojang_${hashToken(compiled.sql).slice(0, 16)}`)
  const run = shortcuts.get(db) ?? throughKysely(db)
  return (values) => {
    const parameters = compiled.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    )
    return run(compiled, parameters) as Promise<Row[]>
  }
}

// Queries that every request runs. Kysely builds and compiles such a query once, and later runs only pass new
// values. Building it again for each request costs more than the database itself.
import type { Compilable, Kysely } from 'kysely'
import { hashToken } from '../../secrets.ts'
import type { Schema } from './schema.ts'

/** The texts of all prepared queries. PostgreSQL parses and plans each of them once per connection. */
const texts = new Set<string>()

/** The name under which PostgreSQL keeps a prepared query. Undefined for every other text. */
export const statementName = (text: string): string | undefined =>
  texts.has(text) ? `dojang_${hashToken(text).slice(0, 16)}` : undefined

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
  texts.add(compiled.sql)
  return async (values) => {
    const parameters = compiled.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    )
    return (await db.executeQuery<Row>({ ...compiled, parameters })).rows
  }
}

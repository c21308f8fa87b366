// Queries that every request runs. Kysely builds and compiles such a query once, and later runs only pass new
// values. Building it again for each request costs more than the database itself.
import type { Compilable } from 'kysely'
import type { Db } from './connection.ts'

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
  db: Db,
  build: (values: Values) => Compilable<Row>,
): ((values: Values) => Promise<Row[]>) => {
  const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(name) })
  const compiled = build(placeholders as Values).compile()
  return async (values) => {
    const parameters = compiled.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    )
    return (await db.executeQuery<Row>({ ...compiled, parameters })).rows
  }
}

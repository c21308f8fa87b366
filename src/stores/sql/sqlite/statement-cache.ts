// Prepared statements of one connection, by their text.
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { Rows, Statement } from './messages.ts'

/** Above this number the oldest statement is dropped. */
const maxStatements = 500

/** A longer text is an insert of many rows. It is not kept, because each number of rows has its own text. */
const maxTextLength = 4000

export interface StatementCache {
  run(statement: Statement): Rows
}

export const createStatementCache = (db: DatabaseSync): StatementCache => {
  const prepared = new Map<string, { statement: StatementSync; columns: readonly string[] }>()

  const prepare = (text: string) => {
    const known = prepared.get(text)
    if (known !== undefined) return known
    const statement = db.prepare(text)
    // An object for each row would cost as much as the query.
    statement.setReturnArrays(true)
    const made = { statement, columns: statement.columns().map(({ name }) => name) }
    if (text.length > maxTextLength) return made
    const [oldest] = prepared.keys()
    if (prepared.size >= maxStatements && oldest !== undefined) prepared.delete(oldest)
    prepared.set(text, made)
    return made
  }

  return {
    run: ({ sql, parameters }) => {
      const { statement, columns } = prepare(sql)
      if (columns.length === 0)
        return { columns, rows: [], changes: Number(statement.run(...parameters).changes) }
      const rows = statement.all(...parameters) as unknown as SQLOutputValue[][]
      return { columns, rows, changes: rows.length }
    },
  }
}

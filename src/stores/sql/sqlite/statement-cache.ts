// Prepared statements of one connection, by their text.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Rows, Statement } from './messages.ts'

/** The stores use fewer texts than this. Lists of different length make a few more. */
const maxStatements = 500

export interface StatementCache {
  run(statement: Statement): Rows
}

export const createStatementCache = (db: DatabaseSync): StatementCache => {
  const prepared = new Map<string, { statement: StatementSync; hasRows: boolean }>()

  const prepare = (text: string) => {
    const known = prepared.get(text)
    if (known !== undefined) return known
    if (prepared.size >= maxStatements) prepared.clear()
    const statement = db.prepare(text)
    const made = { statement, hasRows: statement.columns().length > 0 }
    prepared.set(text, made)
    return made
  }

  return {
    run: ({ sql, parameters }) => {
      const { statement, hasRows } = prepare(sql)
      if (hasRows) {
        const rows = statement.all(...parameters)
        return { rows, changes: rows.length }
      }
      return { rows: [], changes: Number(statement.run(...parameters).changes) }
    },
  }
}

// Copies the embedded database to PostgreSQL.
import type { Move, TableRows } from '../stores/stores.ts'
import { invalid, refused } from './admin-error.ts'
import { flag, required, text } from './input.ts'
import { type Operation, operation } from './operation.ts'
import type { ExaminedDatabase } from './store-findings.ts'

const moveInput = { to: required(text), dryRun: flag }

/** `dry_run`: everything was copied and checked, and then rolled back. */
export interface Moved {
  dry_run: boolean
  tables: TableRows[]
}

export interface MoveOperations {
  move: Operation<typeof moveInput, Moved>
}

/** The address may contain a password, so the error does not repeat it. */
const requirePostgresUrl = (to: string): void => {
  if (URL.canParse(to) && ['postgres:', 'postgresql:'].includes(new URL(to).protocol)) return
  throw invalid('"to" must be a URL that begins with postgres:// or postgresql://.', 'to')
}

const refusal = (move: Exclude<Move, { outcome: 'moved' }>): string => {
  switch (move.outcome) {
    case 'source_in_use':
      return `Another process uses the database in ${move.dataDir}. Stop the server, and run this command again.`
    case 'source_is_empty':
      return `There is no data in ${move.dataDir}. Set DATA_DIR to the folder of the server.`
    case 'target_forbids_tables':
      return 'The role may not create tables at the target. Make the role the owner of the database.'
    case 'target_holds_data':
      return `The target already holds data, for example in the table "${move.table}". Create a new database and name it.`
  }
}

/** @param moveTo undefined for PostgreSQL */
export const createMoveOperations = ({ moveTo }: Pick<ExaminedDatabase, 'moveTo'>): MoveOperations => ({
  move: operation(moveInput, async ({ to, dryRun = false }) => {
    requirePostgresUrl(to)
    if (moveTo === undefined)
      throw refused(
        'This installation already uses PostgreSQL. To move an embedded database, run this command without DATABASE_URL.',
      )
    const move = await moveTo({ databaseUrl: to, keep: !dryRun })
    if (move.outcome !== 'moved') throw refused(refusal(move))
    return { dry_run: dryRun, tables: move.tables }
  }),
})

// The thread that writes to the SQLite file. Its disk syncs do not block the event loop of the server.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { createBeginWrite } from './begin-write.ts'
import { configure } from './connection-settings.ts'
import type { Answer, Failure, Request, Rows, Step, StepResult } from './messages.ts'
import { createStatementCache } from './statement-cache.ts'

const commands: Readonly<Record<Exclude<Extract<Step, string>, 'begin'>, string>> = {
  commit: 'commit',
  rollback: 'rollback',
  savepoint: 'savepoint job',
  'release savepoint': 'release job',
  'rollback savepoint': 'rollback to job; release job',
}

const port = parentPort
if (port !== null) {
  const db = new DatabaseSync(String(workerData))
  configure(db)
  const beginWrite = createBeginWrite(db)
  const statements = createStatementCache(db)

  const failureOf = (error: unknown): Failure => ({
    message: error instanceof Error ? error.message : String(error),
    // 1 is SQLite's general error: not SQLite, but Node rejected the statement or a parameter.
    code: error instanceof Error && 'errcode' in error ? Number(error.errcode) : 1,
    isTransactionOpen: db.isTransaction,
  })

  const noRows: Rows = { columns: [], rows: [], changes: 0 }

  const rolledBack: Failure = {
    message: 'the transaction was rolled back',
    code: 0,
    isTransactionOpen: false,
  }

  const run = (step: Step): StepResult => {
    try {
      if (typeof step === 'string') {
        if (step === 'begin') beginWrite()
        else db.exec(commands[step])
        return { outcome: 'done', result: noRows }
      }
      // SQLite may have rolled back. A later statement of that transaction would be a transaction of its own.
      if (!db.isTransaction) return { outcome: 'failed', failure: rolledBack }
      return { outcome: 'done', result: statements.run(step) }
    } catch (error) {
      return { outcome: 'failed', failure: failureOf(error) }
    }
  }

  port.on('message', (message: Request | 'close') => {
    if (message === 'close') {
      db.close()
      return port.close()
    }
    const { id, steps } = message
    const results: StepResult[] = []
    for (const step of steps) {
      const result = run(step)
      results.push(result)
      // After a failed BEGIN or COMMIT no later step may run outside a transaction.
      if (result.outcome === 'failed' && (typeof step === 'string' || !result.failure.isTransactionOpen))
        break
    }
    port.postMessage({ id, results } satisfies Answer)
  })
}

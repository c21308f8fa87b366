// One transaction of SQLite that several jobs share: single statements, and transactions of a store. Their
// owners are answered after the common commit.
import type { Rows, Statement, StepResult } from './messages.ts'
import { SqliteError } from './sqlite-error.ts'
import { errorOf, type ThreadClient } from './thread-client.ts'

export interface StatementJob {
  kind: 'statement'
  statement: Statement
  resolve(rows: Rows): void
  reject(error: Error): void
}

export interface TransactionJob {
  kind: 'transaction'
  resolve(transaction: WriteTransaction): void
  reject(error: Error): void
}

export interface WriteTransaction {
  run(statement: Statement): Promise<Rows>
  /** Resolves when the transaction is on the disk. */
  commit(): Promise<void>
  rollback(): Promise<void>
}

export interface Group {
  /** True while the transaction of SQLite is open. */
  isOpen: boolean
  /** True from the first BEGIN that succeeded. */
  hasBegun: boolean
  /** The jobs that wait for the commit. */
  waiting: { committed(): void; failed(error: Error): void }[]
}

/** The results of a message that may open the transaction and may commit it. */
interface BatchResults {
  begin: StepResult | undefined
  statements: (StepResult | undefined)[]
  commit: StepResult | undefined
}

const sendBatch = async (
  thread: ThreadClient,
  batch: readonly StatementJob[],
  { opens, commits }: { opens: boolean; commits: boolean },
): Promise<BatchResults> => {
  const results = await thread.send(
    ...(opens ? (['begin'] as const) : []),
    ...batch.map(({ statement }) => statement),
    ...(commits ? (['commit'] as const) : []),
  )
  const first = opens ? 1 : 0
  return {
    begin: opens ? results[0] : undefined,
    statements: batch.map((_, index) => results[first + index]),
    commit: commits ? results[first + batch.length] : undefined,
  }
}

/**
 * Runs statements in one message.
 * @param commits true if no other job waits, so that the commit is in the same message
 * @throws {SqliteError} if the group is lost. The jobs of this call are rejected or wait in the group.
 */
export const runStatements = async (
  thread: ThreadClient,
  group: Group,
  batch: readonly StatementJob[],
  commits: boolean,
): Promise<void> => {
  const opens = !group.isOpen
  const results = await sendBatch(thread, batch, { opens, commits }).catch((error: Error) => {
    for (const job of batch) job.reject(error)
    throw error
  })
  const beginError = opens ? errorOf(results.begin) : undefined
  if (beginError) {
    for (const job of batch) job.reject(beginError)
    throw beginError
  }
  group.isOpen = true
  group.hasBegun = true
  for (const [index, job] of batch.entries()) {
    const result = results.statements[index]
    const error = errorOf(result)
    if (error) job.reject(error)
    else if (result?.outcome === 'done') {
      const { result: rows } = result
      group.waiting.push({ committed: () => job.resolve(rows), failed: job.reject })
    }
    // SQLite rolled everything back, as it does when the disk is full. Nothing of this group is stored.
    const isLost = result === undefined || (result.outcome === 'failed' && !result.failure.isTransactionOpen)
    if (!isLost) continue
    group.isOpen = false
    for (const next of batch.slice(index + 1)) next.reject(error ?? lost())
    throw error ?? lost()
  }
  if (!commits) return
  const commitError = errorOf(results.commit)
  if (commitError) throw commitError
  group.isOpen = false
}

const lost = () => new SqliteError('the transaction was rolled back', 0)

/**
 * Gives the transaction to its owner. Resolves when the owner has ended it. @throws {SqliteError} if the
 * group is lost
 */
export const runTransaction = async (
  { must }: ThreadClient,
  group: Group,
  job: TransactionJob,
): Promise<void> => {
  try {
    await must(...(group.isOpen ? [] : (['begin'] as const)), 'savepoint')
  } catch (error) {
    job.reject(error as Error)
    throw error
  }
  group.isOpen = true
  group.hasBegun = true
  await new Promise<void>((ended, fail) => {
    // As in PostgreSQL, a transaction in which a statement failed runs nothing more and does not commit.
    let failure: Error | undefined
    const end = async (how: 'release savepoint' | 'rollback savepoint') => {
      try {
        await must(how)
      } catch (error) {
        // After a full disk there is no savepoint any more. The first error says why.
        const cause = failure ?? error
        fail(cause)
        throw cause
      }
    }
    const rollback = async () => {
      await end('rollback savepoint')
      ended()
    }
    job.resolve({
      run: async (statement) => {
        if (failure !== undefined) throw failure
        try {
          return await must(statement)
        } catch (error) {
          failure ??= error as Error
          throw error
        }
      },
      commit: async () => {
        if (failure !== undefined) {
          await rollback()
          throw failure
        }
        await end('release savepoint')
        const committed = new Promise<void>((resolve, reject) =>
          group.waiting.push({ committed: resolve, failed: reject }),
        )
        ended()
        await committed
      },
      rollback,
    })
  })
}

// Shares commits: all writes that wait go into one transaction of SQLite, and each is answered after its
// commit. A disk sync then costs little per write.

import type { Rows, Statement, StepResult } from './messages.ts'
import { SqliteError } from './sqlite-error.ts'
import { createThreadClient, errorOf } from './thread-client.ts'

export interface WriteTransaction {
  run(statement: Statement): Promise<Rows>
  /** Resolves when the transaction is on the disk. */
  commit(): Promise<void>
  rollback(): Promise<void>
}

export interface SqliteWriter {
  /** Resolves when the write is on the disk. */
  run(statement: Statement): Promise<Rows>
  /** Resolves when it is this transaction's turn. The next write waits until it ends. */
  begin(): Promise<WriteTransaction>
  /** Waits for the writes that were requested. Safe to repeat. */
  close(): Promise<void>
}

/** A group commits after this many jobs, even if more wait. */
const maxJobsPerCommit = 256

interface StatementJob {
  kind: 'statement'
  statement: Statement
  resolve(rows: Rows): void
  reject(error: Error): void
}

interface TransactionJob {
  kind: 'transaction'
  /** Gives the transaction to its owner. Resolves when the owner ended it. */
  run(group: Group): Promise<void>
  reject(error: Error): void
}

/** The jobs that wait for one commit. */
interface Group {
  isOpen: boolean
  /** Settle the jobs of the group after its commit, or with the reason why there was none. */
  waiting: { committed(): void; failed(error: Error): void }[]
}

export const createSqliteWriter = (file: string): SqliteWriter => {
  const thread = createThreadClient(file)
  const { send, must } = thread
  const jobs: (StatementJob | TransactionJob)[] = []
  let working: Promise<void> | undefined
  let closing: Promise<void> | undefined

  /**
   * All statements that wait next to each other, in one message. If nothing else waits, the commit goes
   * with them.
   */
  const runStatements = async (group: Group, limit: number): Promise<number> => {
    const batch: StatementJob[] = []
    while (batch.length < limit && jobs[0]?.kind === 'statement') batch.push(jobs.shift() as StatementJob)
    const isLast = jobs.length === 0
    const first = group.isOpen ? 0 : 1
    const results = await send(
      ...(group.isOpen ? [] : (['begin'] as const)),
      ...batch.map(({ statement }) => statement),
      ...(isLast ? (['commit'] as const) : []),
    ).catch((error: Error): StepResult[] => {
      for (const job of batch) job.reject(error)
      throw error
    })
    const begun = group.isOpen ? undefined : errorOf(results[0])
    if (begun) {
      for (const job of batch) job.reject(begun)
      throw begun
    }
    group.isOpen = true
    for (const [index, job] of batch.entries()) {
      const result = results[first + index]
      const error = errorOf(result)
      if (error) job.reject(error)
      else if (result?.outcome === 'done') {
        const { result: rows } = result
        group.waiting.push({ committed: () => job.resolve(rows), failed: job.reject })
      }
      // SQLite rolled everything back: nothing of this group is stored.
      const lost = result === undefined || (result.outcome === 'failed' && !result.failure.isTransactionOpen)
      if (lost) {
        group.isOpen = false
        throw error ?? new SqliteError('the transaction was rolled back', 0)
      }
    }
    if (isLast) {
      group.isOpen = false
      const error = errorOf(results[first + batch.length])
      if (error) {
        group.isOpen = true
        throw error
      }
    }
    return batch.length
  }

  const runGroup = async () => {
    const group: Group = { isOpen: false, waiting: [] }
    try {
      for (let count = 0; jobs.length > 0 && count < maxJobsPerCommit; ) {
        const [next] = jobs
        if (next?.kind === 'transaction') {
          jobs.shift()
          await next.run(group).catch((error: Error) => {
            next.reject(error)
            throw error
          })
          count += 1
        } else count += await runStatements(group, maxJobsPerCommit - count)
        if (!group.isOpen) break
      }
      if (group.isOpen) {
        await must('commit')
        group.isOpen = false
      }
      for (const { committed } of group.waiting) committed()
    } catch (error) {
      if (group.isOpen) await send('rollback').catch(() => {})
      for (const { failed } of group.waiting) failed(error as Error)
    }
  }

  const work = () => {
    working ??= (async () => {
      while (jobs.length > 0) await runGroup()
    })().finally(() => {
      working = undefined
      if (jobs.length > 0) work()
    })
  }

  const enqueue = (job: StatementJob | TransactionJob) => {
    if (closing !== undefined) return job.reject(new SqliteError('the database connection is closed', 0))
    jobs.push(job)
    // Writes of the same turn of the event loop share a commit.
    queueMicrotask(work)
  }

  const begin = (): Promise<WriteTransaction> =>
    new Promise((resolve, reject) => {
      const run = async (group: Group) => {
        await must(...(group.isOpen ? [] : (['begin'] as const)), 'savepoint')
        group.isOpen = true
        await new Promise<void>((ended, lost) => {
          // As in PostgreSQL, a transaction in which a statement failed cannot be committed.
          let failure: Error | undefined
          const rollback = async () => {
            try {
              await must('rollback savepoint')
              ended()
            } catch (error) {
              lost(error)
              throw error
            }
          }
          const commit = () =>
            new Promise<void>((committed, failed) => {
              must('release savepoint').then(
                () => {
                  group.waiting.push({ committed, failed })
                  ended()
                },
                (error: Error) => {
                  failed(error)
                  lost(error)
                },
              )
            })
          resolve({
            run: (statement) =>
              must(statement).catch((error: Error) => {
                failure ??= error
                throw error
              }),
            commit: async () => {
              if (failure === undefined) return commit()
              await rollback()
              throw failure
            },
            rollback,
          })
        })
      }
      enqueue({ kind: 'transaction', run, reject })
    })

  return {
    run: (statement) =>
      new Promise((resolve, reject) => enqueue({ kind: 'statement', statement, resolve, reject })),
    begin,
    close: () => {
      closing ??= (async () => {
        while (working !== undefined) await working
        await thread.close()
      })()
      return closing
    },
  }
}

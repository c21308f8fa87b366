// Shares commits: all writes that wait go into one transaction of SQLite, and each is answered after its
// commit. A disk sync then costs little per write.
import {
  type Group,
  runStatements,
  runTransaction,
  type StatementJob,
  type TransactionJob,
  type WriteTransaction,
} from './group.ts'
import type { Rows, Statement } from './messages.ts'
import { SqliteError } from './sqlite-error.ts'
import { createThreadClient, type ThreadClient } from './thread-client.ts'

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

type Job = StatementJob | TransactionJob

/** Takes the statements at the front of the queue, up to the first transaction. */
const takeStatements = (jobs: Job[], limit: number): StatementJob[] => {
  const batch: StatementJob[] = []
  for (let next = jobs[0]; next?.kind === 'statement' && batch.length < limit; next = jobs[0]) {
    batch.push(next)
    jobs.shift()
  }
  return batch
}

/** Runs waiting jobs in one transaction of SQLite, and then answers them. */
const runGroup = async (thread: ThreadClient, jobs: Job[]): Promise<void> => {
  const group: Group = { isOpen: false, hasBegun: false, waiting: [] }
  try {
    let count = 0
    do {
      const [next] = jobs
      if (next?.kind === 'transaction') {
        jobs.shift()
        await runTransaction(thread, group, next)
        count += 1
      } else {
        const batch = takeStatements(jobs, maxJobsPerCommit - count)
        await runStatements(thread, group, batch, jobs.length === 0)
        count += batch.length
      }
    } while (group.isOpen && jobs.length > 0 && count < maxJobsPerCommit)
    if (group.isOpen) await thread.must('commit')
    for (const { committed } of group.waiting) committed()
  } catch (error) {
    // Does nothing if SQLite has rolled back already.
    await thread.send('rollback').catch(() => {})
    for (const { failed } of group.waiting) failed(error as Error)
    // Each further job would wait as long for the same failure.
    if (!group.hasBegun) for (const job of jobs.splice(0)) job.reject(error as Error)
  }
}

export const createSqliteWriter = (file: string): SqliteWriter => {
  // Started by the first write, because many commands only read.
  let thread: ThreadClient | undefined
  const jobs: Job[] = []
  let working: Promise<void> | undefined
  let closing: Promise<void> | undefined

  const work = () => {
    working ??= (async () => {
      while (jobs.length > 0) {
        if (thread === undefined || thread.hasEnded()) thread = createThreadClient(file)
        await runGroup(thread, jobs)
      }
    })().finally(() => {
      working = undefined
      if (jobs.length > 0) work()
    })
  }

  const enqueue = (job: Job) => {
    if (closing !== undefined) return job.reject(new SqliteError('the database connection is closed', 0))
    jobs.push(job)
    // Writes of the same turn of the event loop share a commit. The signatures of several requests often end
    // in one turn.
    if (jobs.length === 1) setImmediate(work)
  }

  return {
    run: (statement) =>
      new Promise((resolve, reject) => enqueue({ kind: 'statement', statement, resolve, reject })),
    begin: () => new Promise((resolve, reject) => enqueue({ kind: 'transaction', resolve, reject })),
    close: () => {
      closing ??= (async () => {
        while (working !== undefined || jobs.length > 0) {
          work()
          await working
        }
        await thread?.close()
      })()
      return closing
    },
  }
}

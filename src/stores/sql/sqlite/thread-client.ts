// The server's end of the thread that writes: sends steps and waits for their results.
import { Worker } from 'node:worker_threads'
import type { Answer, Request, Rows, Step, StepResult } from './messages.ts'
import { SqliteError } from './sqlite-error.ts'

export interface ThreadClient {
  /** Resolves with one result for each step that ran. @throws {SqliteError} if the thread ended */
  send(...steps: readonly Step[]): Promise<StepResult[]>
  /** The result of the last step. @throws {SqliteError} if a step failed */
  must(...steps: readonly Step[]): Promise<Rows>
  /** True after the thread has ended, for example because it could not open the file. */
  hasEnded(): boolean
  /** Waits until the thread has closed the database. */
  close(): Promise<void>
}

/** Undefined if the step succeeded. */
export const errorOf = (result: StepResult | undefined): SqliteError | undefined => {
  if (result === undefined) return new SqliteError('the transaction was rolled back', 0)
  return result.outcome === 'failed'
    ? new SqliteError(result.failure.message, result.failure.code)
    : undefined
}

export const createThreadClient = (file: string): ThreadClient => {
  const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: file })
  const answers = new Map<number, { resolve(results: StepResult[]): void; reject(error: Error): void }>()
  let requests = 0
  let broken: Error | undefined

  // An idle thread must not keep the process running.
  thread.unref()
  thread.on('message', ({ id, results }: Answer) => {
    answers.get(id)?.resolve(results)
    answers.delete(id)
    if (answers.size === 0) thread.unref()
  })
  const fail = (error: Error) => {
    broken ??= error
    for (const { reject } of answers.values()) reject(broken)
    answers.clear()
  }
  thread.on('error', (error) => fail(SqliteError.from(error)))
  const exited = new Promise<void>((resolve) => {
    thread.on('exit', () => {
      fail(new SqliteError('the database connection is closed', 0))
      resolve()
    })
  })

  const send = (...steps: readonly Step[]): Promise<StepResult[]> =>
    new Promise((resolve, reject) => {
      if (broken !== undefined) return reject(broken)
      requests += 1
      answers.set(requests, { resolve, reject })
      thread.ref()
      thread.postMessage({ id: requests, steps } satisfies Request)
    })

  const must = async (...steps: readonly Step[]): Promise<Rows> => {
    const results = await send(...steps)
    for (const [index] of steps.entries()) {
      const error = errorOf(results[index])
      if (error) throw error
    }
    const last = results.at(-1)
    return last?.outcome === 'done' ? last.result : { columns: [], rows: [], changes: 0 }
  }

  return {
    send,
    must,
    hasEnded: () => broken !== undefined,
    close: async () => {
      thread.ref()
      thread.postMessage('close')
      await exited
    },
  }
}

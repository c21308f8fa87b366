// The loops of background work: one repeated run per process, and a run that empties a queue.

export interface BackgroundWork {
  /** Starts a run, or waits for the run that is already active. */
  tick(): Promise<void>
  /** Waits until the current item is done. No further item or run starts. */
  stop(): Promise<void>
}

/** @param work does one run, and checks `isStopping` before each item */
export const createBackgroundWork = (work: (isStopping: () => boolean) => Promise<void>): BackgroundWork => {
  let stopping = false
  let running: Promise<void> | undefined
  return {
    tick: () => {
      running ??= work(() => stopping).finally(() => {
        running = undefined
      })
      return running
    },
    stop: async () => {
      stopping = true
      await running?.catch(() => {})
    },
  }
}

/**
 * Leases jobs in batches until no job is due. A job that fails stays in the queue until its lease ends, and
 * does not stop the other jobs.
 * @throws the error of `lease`
 */
export const emptyQueue = async <Job>(queue: {
  lease(): Promise<readonly Job[]>
  handle(job: Job): Promise<void>
  failed(cause: unknown): void
  isStopping(): boolean
}): Promise<void> => {
  while (!queue.isStopping()) {
    const jobs = await queue.lease()
    if (jobs.length === 0) return
    for (const job of jobs) {
      if (queue.isStopping()) return
      try {
        await queue.handle(job)
      } catch (error) {
        queue.failed(error)
      }
    }
  }
}

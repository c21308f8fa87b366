// Work that runs after the answer of a request, so that the time of the answer says nothing about the work.
import { Unavailable } from './unavailable.ts'

export interface AfterAnswer {
  /**
   * Runs the work soon, one after the other. A process that stops waits for it, and a crash loses it.
   * @throws {Unavailable} if too much work waits
   */
  run(work: () => Promise<void>): void
  /** Waits until nothing is left to do. */
  settle(): Promise<void>
}

const maxWaiting = 1000

export const createAfterAnswer = ({ failed }: { failed(cause: unknown): void }): AfterAnswer => {
  let last: Promise<void> = Promise.resolve()
  let waiting = 0

  const start = async (work: () => Promise<void>) => {
    // The answer is sent before this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve))
    await work().catch(failed)
    waiting -= 1
  }

  return {
    run: (work) => {
      if (waiting >= maxWaiting) throw new Unavailable('work after answers', { retryAfterSeconds: 10 })
      waiting += 1
      last = last.then(() => start(work))
    },
    settle: async () => {
      while (waiting > 0) await last
    },
  }
}

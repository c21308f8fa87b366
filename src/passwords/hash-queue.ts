// A queue that limits how many password hashes run and wait at the same time. It knows no algorithm.
import { Unavailable } from '../unavailable.ts'

export interface HashQueue {
  /** Runs `work` when a slot is free, and returns its result. @throws {Unavailable} if the queue is full */
  <T>(work: () => Promise<T>): Promise<T>
  /** The number of hashes, for metrics. */
  depth(): { running: number; waiting: number }
}

/** Each hash uses 19 MiB and a thread. The limits turn a flood of logins into 503 instead of a crash. */
export const createHashQueue = ({
  concurrency,
  maxWaiting,
}: {
  concurrency: number
  maxWaiting: number
}): HashQueue => {
  const waiting: (() => void)[] = []
  let running = 0

  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < concurrency) running += 1
    else if (waiting.length >= maxWaiting) throw new Unavailable('password hashing', { retryAfterSeconds: 1 })
    // A finished hash gives its slot to the first waiting one, so `running` does not change.
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }

  return Object.assign(run, { depth: () => ({ running, waiting: waiting.length }) })
}

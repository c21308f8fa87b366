// The gate before password hashing: so many at a time, so many waiting, the rest refused. Knows no algorithm.
import { Unavailable } from '../unavailable.ts'

export interface HashQueue {
  /** Runs `work` when a slot is free; answers what it answers. @throws Unavailable at once when the queue is full. */
  <T>(work: () => Promise<T>): Promise<T>
  /** For metrics. */
  depth(): { running: number; waiting: number }
}

/** Each hash holds 19 MiB and a thread, so a flood must end in 503, not in memory exhaustion. */
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
    // Whoever leaves hands over the slot, so `running` does not change in between and nobody slips in.
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

// Repeats background work until it is stopped.

/** @import { Timers } from './verifier.d.ts' */

/**
 * @typedef {object} Polling
 * @property {(work: () => Promise<void>, delays: () => Delays) => Promise<void>} repeat
 *   Resolves after the first run. A failed run is reported and repeated.
 * @property {() => void} stop
 */
/** @typedef {{ done: number, failed: number }} Delays Milliseconds until the next run. */

/** @type {(options: { timers: Timers, onError: (error: Error) => void }) => Polling} */
export const createPolling = ({ timers, onError }) => {
  /** @type {Set<() => void>} */
  const pending = new Set()
  let isStopped = false

  /** @type {(work: () => Promise<void>, delays: Delays) => Promise<number>} */
  const run = async (work, { done, failed }) => {
    try {
      await work()
      return done
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)))
      return failed
    }
  }

  /** @type {Polling['repeat']} */
  const repeat = async (work, delays) => {
    const milliseconds = await run(work, delays())
    if (isStopped) return
    const cancel = timers.after(milliseconds, () => {
      pending.delete(cancel)
      return repeat(work, delays)
    })
    pending.add(cancel)
  }

  return {
    repeat,
    stop: () => {
      isStopped = true
      for (const cancel of pending) cancel()
      pending.clear()
    },
  }
}

// Begins write transactions, although other processes write to the same file.
import type { DatabaseSync } from 'node:sqlite'
import { busyTimeoutMs } from './connection-settings.ts'
import { isBusyCode } from './sqlite-error.ts'

/** How long the lock stays free for others, if another process has written since the last transaction. */
const turnMs = 2

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && isBusyCode(Number(error.errcode))

const sleeping = new Int32Array(new SharedArrayBuffer(4))

/** Blocks the thread. */
const sleep = (ms: number) => void Atomics.wait(sleeping, 0, 0, ms)

/**
 * SQLite itself looks at a lock less and less often, in the end every 100 ms. A process could then wait for
 * seconds while another one writes without a break. This looks every few milliseconds, and lets the others
 * have their turn. The connection needs no busy timeout of its own.
 * @returns begins a transaction. It throws an error of `node:sqlite` if it waited for `busyTimeoutMs`
 */
export const createBeginWrite = (db: DatabaseSync): (() => void) => {
  db.exec('pragma busy_timeout = 0')
  // Changes with each commit of another connection.
  const dataVersion = db.prepare('pragma data_version')
  let lastSeen: unknown

  const othersWrote = (): boolean => {
    const seen = dataVersion.get()?.data_version
    const wrote = lastSeen !== undefined && seen !== lastSeen
    lastSeen = seen
    return wrote
  }

  return () => {
    if (othersWrote()) sleep(turnMs)
    for (let waitedMs = 0; ; ) {
      try {
        db.exec('begin immediate')
        return
      } catch (error) {
        if (!isBusy(error) || waitedMs >= busyTimeoutMs) throw error
        // Random, so that two waiting processes do not always look at the same moment.
        const pauseMs = 0.5 + turnMs * Math.random()
        sleep(pauseMs)
        waitedMs += pauseMs
      }
    }
  }
}

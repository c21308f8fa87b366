// A lock file that lets only one process use a data directory. Without it two PGlite processes
// would destroy the files.
import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { secondsAfter, systemClock } from '../../clock.ts'

/** Another process, or another connection of this process, uses the data directory. */
export class DataDirInUse extends Error {}

interface Holder {
  pid: number
  host: string
  /** When the process started, in ticks of the kernel (Linux only). A pid alone can be used again. */
  startedAt: string
}

const heartbeatSeconds = 5
const staleAfterSeconds = 15

const startOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const parseHolder = (text: string): Holder | undefined => {
  const [pid, host, startedAt] = text.split('\n')
  return pid !== undefined && /^\d+$/.test(pid) && host !== undefined
    ? { pid: Number(pid), host, startedAt: startedAt ?? '' }
    : undefined
}

const read = (file: string): { text: string; seenAt: Date } | undefined => {
  try {
    return { text: readFileSync(file, 'utf8'), seenAt: statSync(file).mtime }
  } catch {
    return undefined
  }
}

/**
 * Whether the holder still runs. A process of this host is looked up. For another host, such as an old
 * container, only the heartbeat counts.
 */
const holds = ({ text, seenAt }: { text: string; seenAt: Date }): boolean => {
  const holder = parseHolder(text)
  const isFresh = systemClock.now() < secondsAfter(seenAt, staleAfterSeconds)
  // A file without a holder is half-written. Its writer has the same time to complete it.
  if (holder === undefined || holder.host !== hostname()) return isFresh
  return isAlive(holder.pid) && startOf(holder.pid) === holder.startedAt
}

const create = (file: string, text: string): boolean => {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes the lock of a dead process. If another process replaced it since then, its lock is restored. */
const removeStale = (file: string, staleText: string): void => {
  const aside = `${file}.${randomUUID()}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  try {
    if (read(aside)?.text !== staleText) linkSync(aside, file)
  } finally {
    rmSync(aside, { force: true })
  }
}

/**
 * Creates `dojang.lock` in the directory. It replaces a lock whose process is gone.
 * @returns a function that releases the lock
 * @throws {DataDirInUse} if another process, or another connection of this process, has the lock
 */
export const lockDataDir = (dataDir: string): (() => void) => {
  const file = join(dataDir, 'dojang.lock')
  const mine = [process.pid, hostname(), startOf(process.pid), randomUUID(), ''].join('\n')
  if (!create(file, mine)) {
    const found = read(file)
    if (found && holds(found)) {
      const { pid = 'unknown', host = 'an unknown host' } = parseHolder(found.text) ?? {}
      throw new DataDirInUse(
        `Another Dojang process (pid ${pid} on ${host}) uses the data directory ${dataDir}. ` +
          'Stop that process, or set DATABASE_URL so that all processes share PostgreSQL.',
      )
    }
    if (found) removeStale(file, found.text)
    if (!create(file, mine))
      throw new DataDirInUse(
        `Another Dojang process has just started in the data directory ${dataDir}. Start only one of them.`,
      )
  }
  const heartbeat = setInterval(() => {
    const now = systemClock.now()
    try {
      utimesSync(file, now, now)
    } catch {
      // The file was deleted, so there is nothing to keep fresh.
    }
  }, heartbeatSeconds * 1000)
  heartbeat.unref()
  return () => {
    clearInterval(heartbeat)
    if (read(file)?.text === mine) rmSync(file, { force: true })
  }
}

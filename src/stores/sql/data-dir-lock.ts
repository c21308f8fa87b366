// One process at a time in a data directory: PGlite has no lock of its own, and two writers would destroy its files.
import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { secondsAfter, systemClock } from '../../clock.ts'

/** Another process has this data directory open. */
export class DataDirInUse extends Error {}

interface Holder {
  pid: number
  host: string
  /** When the process began, in the kernel's ticks (Linux only): a pid alone is used again. */
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

/** A process of this host is asked for; of another host (a container's name changes) only the heartbeat is known. */
const holds = ({ text, seenAt }: { text: string; seenAt: Date }): boolean => {
  const holder = parseHolder(text)
  const beating = systemClock.now() < secondsAfter(seenAt, staleAfterSeconds)
  // Half-written: its writer has this long to finish.
  if (holder === undefined || holder.host !== hostname()) return beating
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

/** Moves a dead holder's lock away. If a live one took its place meanwhile, that one is put back. */
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
 * Takes `dojang.lock` in the directory; a lock whose process is gone is taken over.
 * @returns what gives it back
 * @throws {DataDirInUse} another process, or another connection of this one, holds it
 */
export const lockDataDir = (dataDir: string): (() => void) => {
  const file = join(dataDir, 'dojang.lock')
  const mine = [process.pid, hostname(), startOf(process.pid), randomUUID(), ''].join('\n')
  if (!create(file, mine)) {
    const found = read(file)
    if (found && holds(found)) {
      const holder = parseHolder(found.text)
      throw new DataDirInUse(
        `Another Dojang process (pid ${holder?.pid ?? 'unknown'} on ${holder?.host ?? 'an unknown host'}) is using the data directory ${dataDir}. Stop it first, or set DATABASE_URL to share a PostgreSQL.`,
      )
    }
    if (found) removeStale(file, found.text)
    if (!create(file, mine))
      throw new DataDirInUse(`Another Dojang process has just taken the data directory ${dataDir}.`)
  }
  const heartbeat = setInterval(() => {
    const now = systemClock.now()
    try {
      utimesSync(file, now, now)
    } catch {
      // The directory is gone; there is nothing left to protect.
    }
  }, heartbeatSeconds * 1000)
  heartbeat.unref()
  return () => {
    clearInterval(heartbeat)
    if (read(file)?.text === mine) rmSync(file, { force: true })
  }
}

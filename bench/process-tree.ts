// Reads from /proc what a process and all its children use. Works only on Linux.
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100

interface Stat {
  pid: number
  parent: number
  /** Its own threads, and children that have ended. */
  cpuMs: number
}

const readStat = (pid: number): Stat | undefined => {
  try {
    // The name of the program is in brackets and may contain spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
    return { pid, parent: Number(fields[1]), cpuMs: (ticks * 1000) / ticksPerSecond }
  } catch {
    // The process ended in the meantime.
    return undefined
  }
}

const tree = (roots: readonly number[]): Stat[] => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? [])
  const found = all.filter(({ pid }) => roots.includes(pid))
  for (const process of found) found.push(...all.filter(({ parent }) => parent === process.pid))
  return found
}

/** The processor time of the processes and all their children, in milliseconds. */
export const treeCpuMs = (roots: readonly number[]): number =>
  tree(roots).reduce((sum, { cpuMs }) => sum + cpuMs, 0)

const kilobytes = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)

export interface ProcessMemory {
  pid: number
  /** What is in memory now. Memory that several processes share counts in each of them. */
  rssMb: number
  /** The same, but each process counts only its share of shared memory. */
  pssMb: number
  /** The most that was ever in memory. */
  peakMb: number
}

/** The memory of each process in the tree. */
export const treeMemory = (root: number): ProcessMemory[] =>
  tree([root]).map(({ pid }) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const shares = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return {
      pid,
      rssMb: kilobytes(status, 'VmRSS') / 1024,
      pssMb: kilobytes(shares, 'Pss') / 1024,
      peakMb: kilobytes(status, 'VmHWM') / 1024,
    }
  })

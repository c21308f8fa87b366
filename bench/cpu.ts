// How much of the processors another process has used, where the system says so (Linux).
import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** Milliseconds of processor time, all its threads together. */
export const cpuMs = (pid: number): number | undefined => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
  } catch {
    return undefined
  }
}

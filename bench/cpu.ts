// Reads from /proc how much processor time another process has used. Works only on Linux.
import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** The processor time of all threads together, in milliseconds. Undefined if the system is not Linux. */
export const cpuMs = (pid: number): number | undefined => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
  } catch {
    return undefined
  }
}

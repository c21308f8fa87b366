// Reads the memory of the issuers and the stores after the load.
import type { Stores } from './durable-stores.ts'
import { generateLoad } from './load.ts'
import { type ProcessMemory, treeMemory } from './process-tree.ts'
import type { Target } from './rounds.ts'

export interface MemoryRow {
  name: string
  /** The first process is the overseer if there are workers. */
  processes: ProcessMemory[]
}

/** @param holdSeconds how long each issuer answers `task` before its memory is read */
export const readMemory = async (
  targets: readonly Target[],
  task: string,
  holdSeconds: number,
  stores: Stores | undefined,
): Promise<MemoryRow[]> => {
  const rows: MemoryRow[] = []
  for (const { mode, url, pid, tasks } of targets) {
    const held = tasks.get(task)
    if (holdSeconds > 0 && held) {
      process.stderr.write(`${holdSeconds} seconds of ${task} on ${mode.name} …\n`)
      await generateLoad({ origin: url, lanes: 16, forMs: holdSeconds * 1000 }, held)
    }
    rows.push({ name: mode.name, processes: treeMemory(pid) })
  }
  if (stores) {
    rows.push({ name: 'PostgreSQL, all modes', processes: treeMemory(stores.postgres.pid) })
    rows.push({ name: 'Redis, all modes', processes: treeMemory(stores.redis.pid) })
  }
  return rows
}

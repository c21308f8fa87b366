// Generates load: repeats one kind of request for a given time, over connections that stay open.
import { type Connection, connect } from './connection.ts'

/** Sends one request. Resolves to 'exhausted' if there is nothing left to send. */
export type Task = (connection: Connection, lane: number) => Promise<unknown>

export interface Load {
  count: number
  seconds: number
  /** Milliseconds of each request, sorted. */
  times: readonly number[]
  /** Processor time of the load generator itself. */
  generatorCpuMs: number
}

/** The value that `share` of the sorted values do not exceed. NaN if there are no values. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

export const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )

const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Opens `lanes` connections and runs one loop on each. The time starts when all connections are open. */
export const generateLoad = async (
  { origin, lanes, forMs }: { origin: string; lanes: number; forMs: number },
  task: Task,
): Promise<Load> => {
  const connections = await Promise.all(Array.from({ length: lanes }, () => connect(origin)))
  try {
    const times: number[] = []
    const cpuBefore = ownCpuMs()
    const begin = performance.now()
    await Promise.all(
      connections.map(async (connection, lane) => {
        for (let start = performance.now(); start - begin < forMs; ) {
          if ((await task(connection, lane)) === 'exhausted') return
          const end = performance.now()
          times.push(end - start)
          start = end
        }
      }),
    )
    const seconds = (performance.now() - begin) / 1000
    const generatorCpuMs = ownCpuMs() - cpuBefore
    return { count: times.length, seconds, times: times.sort((a, b) => a - b), generatorCpuMs }
  } finally {
    for (const connection of connections) connection.close()
  }
}

// Runs several processes on one port, for a machine with several cores. They share only the stores.
import cluster from 'node:cluster'
import { heapFlags } from './heap.ts'

/** True in the process that starts and replaces the workers and serves nothing itself. */
export const isOverseer = (workers: number): boolean => workers > 1 && cluster.isPrimary

/** True in the one process that prints the welcome text: a single process, or the first worker. */
export const isFirstWorker = (): boolean => cluster.worker === undefined || cluster.worker.id === 1

/** Disconnects a worker that has closed everything. The connection to the overseer would keep it running. */
export const leaveOverseer = (): void => {
  if (cluster.worker?.isConnected()) cluster.worker.disconnect()
}

/**
 * Keeps the given number of workers running and replaces a worker that dies. Each SIGTERM and SIGINT goes to
 * all workers, which stop as a single process does. If a worker dies before it listens, all workers stop,
 * because a new one would fail too.
 */
export const oversee = (workers: number): void => {
  cluster.setupPrimary({ execArgv: [...process.execArgv, ...heapFlags] })
  let stopping = false
  const served = new Set<number>()
  cluster.on('listening', ({ id }) => served.add(id))
  cluster.on('exit', ({ id }, code) => {
    if (stopping) {
      // Report a worker that did not stop in order through the exit code.
      if (code) process.exitCode = code
      return
    }
    if (served.has(id)) {
      cluster.fork()
      return
    }
    stopping = true
    process.exitCode = code || 1
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      stopping = true
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
    })
  for (let count = 0; count < workers; count += 1) cluster.fork()
}

// Several processes on one port, for a machine with several cores. They share nothing but the stores.
import cluster from 'node:cluster'

/** True in the process that only watches over the workers. */
export const isOverseer = (workers: number): boolean => workers > 1 && cluster.isPrimary

/** Is this one of several? Only the first says what the terminal should show. */
export const isFirstWorker = (): boolean => cluster.worker === undefined || cluster.worker.id === 1

/** Lets a worker end that has closed everything: the line to the overseer would keep it running. */
export const leaveOverseer = (): void => {
  if (cluster.worker?.isConnected()) cluster.worker.disconnect()
}

/**
 * Keeps that many workers running; one that dies is replaced, but not one that never came up (its fault would come
 * again). Ends when all have ended, after SIGTERM or SIGINT.
 */
export const oversee = (workers: number): void => {
  let stopping = false
  const served = new Set<number>()
  cluster.on('listening', ({ id }) => served.add(id))
  cluster.on('exit', ({ id }, code) => {
    if (stopping) {
      // One that had to be cut off is told to whoever waits for the end.
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

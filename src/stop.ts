// Stops a process that serves: first it drains, then it closes the listener and answers the running requests.
import { setTimeout as delay } from 'node:timers/promises'
import type { Issuer } from './open-issuer.ts'
import { leaveOverseer } from './workers.ts'

/** How long running requests may take after the listener has closed. */
const finishSeconds = 10

/**
 * Signals within this time count as one. A terminal, npm and systemd send a signal to several processes, and
 * some of these forward it to the others.
 */
const oneSignalMs = 1000

/** Closes the listener, answers the running requests and closes the stores. */
export const closeInOrder = async ({ server, close }: Issuer, exitCode: number): Promise<void> => {
  setTimeout(() => process.exit(1), finishSeconds * 1000).unref()
  await server.close()
  await close()
  process.exitCode = exitCode
  leaveOverseer()
}

/** SIGTERM and SIGINT stop the process in order. A second signal ends it at once, with exit code 1. */
export const stopOnSignals = (issuer: Issuer, drainSeconds: number): void => {
  const { log } = issuer
  let isStopping = false
  let mayForce = false

  const stop = async () => {
    issuer.drain()
    await delay(drainSeconds * 1000)
    await closeInOrder(issuer, 0)
  }

  const onSignal = (signal: NodeJS.Signals) => {
    if (mayForce) {
      log.warn({ signal }, 'stopping at once')
      process.exit(1)
    }
    if (isStopping) return
    isStopping = true
    setTimeout(() => {
      mayForce = true
    }, oneSignalMs).unref()
    log.info({ signal, drainSeconds }, 'stopping')
    void stop()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal)
}

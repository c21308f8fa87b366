// The audit trail: reports each event in the log at once, and stores its row soon after.
import type { Audit, AuditLog, AuditRecord } from './audit.ts'
import { createAuditFlood } from './audit-flood.ts'
import type { Clock } from './clock.ts'
import { randomToken } from './secrets.ts'

export interface AuditTrail {
  record: Audit
  /** Waits until each reported event is stored or lost. */
  flush(): Promise<void>
}

/** The number of events that may wait for the store. Above it the oldest one is only in the log. */
const maxWaiting = 10_000

/** Events of this many milliseconds share one insert. */
const gatherMs = 250

/** This many events do not wait for others. */
const fullBatch = 500

/**
 * Logs each event at once and stores it soon after. One insert runs at a time and stores all events that
 * wait. If the store is down, events are lost and no request fails
 * (docs/decisions/0015-audit-rows-follow-log-lines.md).
 * @param deps.lost receives the number of events that could not be stored, and the reason
 */
export const createAuditTrail = (deps: {
  clock: Clock
  auditLog: AuditLog
  log(record: AuditRecord): void
  lost(count: number, cause: unknown): void
}): AuditTrail => {
  const flood = createAuditFlood()
  let waiting: AuditRecord[] = []
  let writing: Promise<void> | undefined
  let stopGathering = () => {}

  const gather = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, gatherMs)
      stopGathering = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const drain = async () => {
    await gather()
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await deps.auditLog.append(batch)
      } catch (cause) {
        deps.lost(batch.length, cause)
      }
    }
    writing = undefined
  }

  const store = (rows: readonly AuditRecord[]) => {
    for (const row of rows) {
      if (waiting.length >= maxWaiting) {
        waiting.shift()
        deps.lost(1, 'too many events wait for the store')
      }
      waiting.push(row)
    }
    if (waiting.length > 0) writing ??= drain()
  }

  return {
    record: (event) => {
      const record = { ...event, id: randomToken(16), at: deps.clock.now() }
      deps.log(record)
      store(flood.rowsFor(record))
      if (waiting.length >= fullBatch) stopGathering()
    },
    flush: async () => {
      store(flood.countRest())
      stopGathering()
      await writing
    },
  }
}

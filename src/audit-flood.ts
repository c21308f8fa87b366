// Limits the audit rows that strangers can cause. Each of their events is logged and counted, but only some
// of them become rows, so that a flood fills no table and pushes no other event out of the queue.
import type { AuditEventType, AuditRecord } from './audit.ts'
import { secondsAfter } from './clock.ts'

/** The events that anyone can cause without credentials. */
const strangersEvents: readonly AuditEventType[] = [
  'login.failed',
  'login.throttled',
  'registration.throttled',
  'password.leak_check_failed',
  'client.authentication_failed',
  'client.throttled',
  'webhook.refused',
]

/** Of each type at most `rows` events in `seconds` become rows of their own. One more row counts the rest. */
export const floodLimit = { rows: 100, seconds: 600 } as const

interface Window {
  startedAt: Date
  rows: number
  withheld: number
  /** The last event without a row. The row that counts the rest has its id and its time. */
  last?: AuditRecord
}

export interface AuditFlood {
  /** The rows to store now: usually the event itself, and rows that count earlier events. */
  rowsFor(record: AuditRecord): AuditRecord[]
  /** Rows that count the events that have no row yet. */
  countRest(): AuditRecord[]
}

export const createAuditFlood = (): AuditFlood => {
  const windows = new Map<AuditEventType, Window>()

  const summary = (type: AuditEventType, window: Window): AuditRecord[] => {
    const { last, withheld } = window
    if (last === undefined) return []
    delete window.last
    window.withheld = 0
    return [
      { id: last.id, at: last.at, type, actor: 'system', reason: `${withheld} more events, see the log` },
    ]
  }

  const endOldWindows = (now: Date): AuditRecord[] =>
    [...windows].flatMap(([type, window]) => {
      if (now < secondsAfter(window.startedAt, floodLimit.seconds)) return []
      windows.delete(type)
      return summary(type, window)
    })

  return {
    rowsFor: (record) => {
      const ended = endOldWindows(record.at)
      if (!strangersEvents.includes(record.type)) return [...ended, record]
      const window = windows.get(record.type) ?? { startedAt: record.at, rows: 0, withheld: 0 }
      windows.set(record.type, window)
      if (window.rows < floodLimit.rows) {
        window.rows += 1
        return [...ended, record]
      }
      window.withheld += 1
      window.last = record
      return ended
    },
    countRest: () => [...windows].flatMap(([type, window]) => summary(type, window)),
  }
}

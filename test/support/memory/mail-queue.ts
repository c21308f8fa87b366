// The in-memory model of the mails that wait to be sent.
import type { MailQueue, MailRecord, QueuedMail } from '../../../src/mail/mail-queue.ts'

export interface MemoryMailQueue extends MailQueue {
  /**
   * For other stores, before their change: queues all mails or throws. It is synchronous, so no other call
   * runs between the two.
   */
  enqueueAll(mails: readonly QueuedMail[]): void
}

export const memoryMailQueue = (): MemoryMailQueue => {
  const kept = new Map<string, MailRecord>()
  const oldestFirst = () => [...kept.values()].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
  const isFailed = ({ failedAt }: MailRecord) => failedAt !== undefined
  const isWaiting = (mail: MailRecord) => !isFailed(mail)
  const change = (id: string, facts: Partial<MailRecord>) => {
    const mail = kept.get(id)
    if (mail !== undefined) Object.assign(mail, facts)
  }

  /** An id is unique, as the primary key makes it in SQL. */
  const enqueueAll = (mails: readonly QueuedMail[]) => {
    if (mails.some(({ id }) => kept.has(id))) throw new Error('A mail with this id exists.')
    for (const mail of mails)
      kept.set(mail.id, { ...structuredClone(mail), attempts: 0, dueAt: mail.createdAt })
  }

  return {
    enqueueAll,
    enqueue: async (mail) => enqueueAll([mail]),
    lease: async (limit, now, leaseUntil) =>
      oldestFirst()
        .filter((mail) => isWaiting(mail) && mail.dueAt <= now)
        .slice(0, limit)
        .map((mail) => {
          change(mail.id, { dueAt: leaseUntil, attempts: mail.attempts + 1 })
          return structuredClone(mail)
        }),
    sent: async (id) => void kept.delete(id),
    postpone: async (id, at, error) => change(id, { dueAt: at, lastError: error }),
    giveUp: async (id, now, error) => change(id, { failedAt: now, lastError: error }),
    list: async (limit) => {
      const mails = oldestFirst()
      return structuredClone([...mails.filter(isFailed), ...mails.filter(isWaiting)].slice(0, limit))
    },
    state: async () => {
      const waiting = oldestFirst().filter(isWaiting)
      return {
        waiting: waiting.length,
        failed: kept.size - waiting.length,
        ...(waiting[0] && { waitingSince: waiting[0].createdAt }),
      }
    },
    retry: async (now, id) => {
      const found = oldestFirst().filter((mail) => isFailed(mail) && (id === undefined || mail.id === id))
      for (const mail of found) {
        delete mail.failedAt
        change(mail.id, { attempts: 0, dueAt: now })
      }
      return found.length
    },
  }
}

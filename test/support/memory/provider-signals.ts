// The in-memory model of provider signals: a queue that leases only the oldest open signal of each person.
import type { ProviderSignal, ProviderSignals } from '../../../src/identities/signals.ts'

export const memoryProviderSignals = (): ProviderSignals => {
  const kept: { signal: ProviderSignal; leasedUntil?: Date; doneAt?: Date }[] = []

  return {
    enqueue: async (signal) => {
      if (kept.some((one) => one.signal.id === signal.id)) return 'duplicate'
      kept.push({ signal: structuredClone(signal) })
      return 'enqueued'
    },
    lease: async (limit, now, leaseUntil) => {
      const people = new Set<string>()
      const first = kept.filter(({ signal: { provider, subject }, doneAt }) => {
        const person = JSON.stringify([provider, subject])
        if (doneAt !== undefined || people.has(person)) return false
        people.add(person)
        return true
      })
      const due = first.filter(({ leasedUntil }) => leasedUntil === undefined || leasedUntil <= now)
      return due.slice(0, limit).map((one) => {
        one.leasedUntil = leaseUntil
        return structuredClone(one.signal)
      })
    },
    done: async (id, now) => {
      const one = kept.find(({ signal }) => signal.id === id)
      if (one === undefined || one.doneAt !== undefined) return
      one.doneAt = now
      one.signal.subject = ''
    },
  }
}

// The in-memory model of clients. Deleting a client deletes its consents.
import type { Client, Clients } from '../../../src/clients/client.ts'
import type { MemoryConsents } from './consents.ts'

const byId = (a: Client, b: Client): number => (a.id < b.id ? -1 : 1)

export const memoryClients = (consents?: MemoryConsents): Clients => {
  const kept = new Map<string, Client>()

  return {
    create: async (client) => {
      if (kept.has(client.id)) return 'exists'
      kept.set(client.id, structuredClone(client))
      return 'created'
    },
    find: async (id) => structuredClone(kept.get(id)),
    findByOrigin: async (origin) =>
      structuredClone([...kept.values()].filter(({ origins }) => origins.includes(origin))).sort(byId),
    list: async () => structuredClone([...kept.values()]).sort(byId),
    change: async (id, change) => {
      const client = kept.get(id)
      if (client === undefined) return false
      const merged = Object.entries({ ...client, ...structuredClone(change) })
      kept.set(id, Object.fromEntries(merged.filter(([, value]) => value !== null)) as unknown as Client)
      return true
    },
    delete: async (id) => {
      consents?.forget({ clientId: id })
      return kept.delete(id)
    },
  }
}

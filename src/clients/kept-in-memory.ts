// Keeps the clients and the APIs in memory, because every request needs them and they seldom change. The
// records are read again after a change, which a server hears of within `heardWithinSeconds` (changes.ts).
// A deleted client is refused at once all the same, because the blacklist names it.
import type { Changes, Topic } from '../changes.ts'
import type { ClientId } from '../ids.ts'
import type { Api, Apis } from './api.ts'
import { type Client, type Clients, isClientId } from './client.ts'

interface Kept<Records> {
  /** Answers from memory. */
  read(): Promise<Records>
  /** The next `read` asks the store again. */
  forget(): void
  /** Passes on what the store has and the memory has not, because it is new. */
  unheard<Found>(found: Found): Found
}

/** Whether a read of the store found records that are not in memory, because they are new. */
const isFound = (found: unknown): boolean => (Array.isArray(found) ? found.length > 0 : found !== undefined)

const keep = <Records>(topic: Topic, changes: Changes, load: () => Promise<Records>): Kept<Records> => {
  let kept: Promise<Records> | undefined
  const forget = () => {
    kept = undefined
  }
  changes.subscribe(topic, forget)
  return {
    forget,
    unheard: (found) => {
      if (isFound(found)) forget()
      return found
    },
    read: () => {
      if (kept !== undefined) return kept
      const loading = load()
      kept = loading
      // A failed read is not kept.
      loading.catch(() => {
        if (kept === loading) kept = undefined
      })
      return loading
    },
  }
}

/** A write, after which this process reads the records again even if nobody announces the change. */
const thenForget =
  <Inputs extends unknown[], Answer>(forget: () => void, write: (...inputs: Inputs) => Promise<Answer>) =>
  (...inputs: Inputs): Promise<Answer> =>
    write(...inputs).finally(forget)

export const clientsInMemory = (clients: Clients, changes: Changes): Clients => {
  const { read, forget, unheard } = keep('clients', changes, async () => {
    const all = await clients.list()
    const byId = new Map<ClientId, Client>(all.map((client) => [client.id, client]))
    const byOrigin = new Map<string, Client[]>()
    for (const client of all)
      for (const origin of client.origins) byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), client])
    return { all, byId, byOrigin }
  })
  return {
    // The store is not asked for a text that no client can have as its id.
    find: async (id) =>
      (await read()).byId.get(id) ?? (isClientId(id) ? unheard(await clients.find(id)) : undefined),
    findByOrigin: async (origin) =>
      (await read()).byOrigin.get(origin) ?? unheard(await clients.findByOrigin(origin)),
    list: async () => [...(await read()).all],
    create: thenForget(forget, clients.create),
    change: thenForget(forget, clients.change),
    delete: thenForget(forget, clients.delete),
  }
}

export const apisInMemory = (apis: Apis, changes: Changes): Apis => {
  const { read, forget, unheard } = keep('apis', changes, async () => {
    const all = await apis.list()
    return { all, byAudience: new Map<string, Api>(all.map((api) => [api.audience, api])) }
  })
  return {
    find: async (audience) => (await read()).byAudience.get(audience) ?? unheard(await apis.find(audience)),
    list: async () => [...(await read()).all],
    create: thenForget(forget, apis.create),
    change: thenForget(forget, apis.change),
    delete: thenForget(forget, apis.delete),
  }
}

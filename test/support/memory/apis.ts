// The in-memory model of the APIs port.
import type { Api, Apis } from '../../../src/clients/api.ts'

export const memoryApis = (): Apis => {
  const kept = new Map<string, Api>()

  return {
    create: async (api) => {
      if (kept.has(api.audience)) return 'exists'
      kept.set(api.audience, structuredClone(api))
      return 'created'
    },
    find: async (audience) => structuredClone(kept.get(audience)),
    list: async () => structuredClone([...kept.values()]).sort((a, b) => (a.audience < b.audience ? -1 : 1)),
    change: async (audience, change) => {
      const api = kept.get(audience)
      if (api === undefined) return false
      const merged = Object.entries({ ...api, ...structuredClone(change) })
      kept.set(audience, Object.fromEntries(merged.filter(([, value]) => value !== null)) as unknown as Api)
      return true
    },
    delete: async (audience) => kept.delete(audience),
  }
}

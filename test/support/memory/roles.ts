// The in-memory model of roles. `onDelete` lets the model of users remove a deleted role from its holders.
import { defaultRole, type Role, type Roles } from '../../../src/users/role.ts'

export interface MemoryRoles extends Roles {
  onDelete(listener: (name: string) => void): void
  has(name: string): boolean
  scopesOf(names: readonly string[]): string[]
}

export const memoryRoles = (): MemoryRoles => {
  const kept = new Map<string, Role>([[defaultRole, { name: defaultRole, scopes: [] }]])
  const listeners: ((name: string) => void)[] = []

  return {
    create: async (role) => {
      if (kept.has(role.name)) return 'exists'
      kept.set(role.name, structuredClone(role))
      return 'created'
    },
    find: async (name) => structuredClone(kept.get(name)),
    list: async () => structuredClone([...kept.values()]).sort((a, b) => (a.name < b.name ? -1 : 1)),
    grant: async (name, scopes) => {
      if (!kept.has(name)) return false
      kept.set(name, { name, scopes: structuredClone(scopes) })
      return true
    },
    delete: async (name) => {
      for (const listener of listeners) listener(name)
      return kept.delete(name)
    },
    onDelete: (listener) => {
      listeners.push(listener)
    },
    has: (name) => kept.has(name),
    scopesOf: (names) => [...new Set(names.flatMap((name) => kept.get(name)?.scopes ?? []))].sort(),
  }
}

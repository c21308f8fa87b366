// The model of roles. Tells whoever keeps their holders when one is deleted.
import { defaultRole, type Role, type Roles } from '../../../src/users/role.ts'

export interface MemoryRoles extends Roles {
  onDelete(take: (name: string) => void): void
  has(name: string): boolean
  scopesOf(names: readonly string[]): string[]
}

export const memoryRoles = (): MemoryRoles => {
  const kept = new Map<string, Role>([[defaultRole, { name: defaultRole, scopes: [] }]])
  const takers: ((name: string) => void)[] = []

  return {
    create: async (role) => {
      if (kept.has(role.name)) return 'exists'
      kept.set(role.name, structuredClone(role))
      return 'created'
    },
    find: async (name) => structuredClone(kept.get(name)),
    list: async () => structuredClone([...kept.values()]).sort((a, b) => (a.name < b.name ? -1 : 1)),
    delete: async (name) => {
      for (const take of takers) take(name)
      return kept.delete(name)
    },
    onDelete: (take) => {
      takers.push(take)
    },
    has: (name) => kept.has(name),
    scopesOf: (names) => [...new Set(names.flatMap((name) => kept.get(name)?.scopes ?? []))].sort(),
  }
}

// The in-memory model of what was used once.
import type { UsedOnce } from '../../../src/sessions/used-once.ts'

export const memoryUsedOnce = (): UsedOnce => {
  const used = new Set<string>()

  return {
    use: async (id) => {
      if (used.has(id)) return 'again'
      used.add(id)
      return 'first'
    },
    isUsed: async (id) => used.has(id),
  }
}

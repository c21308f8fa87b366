// The in-memory model of link confirmations. Each is taken once.
import type { LinkConfirmation, LinkConfirmations } from '../../../src/sessions/link-confirmation.ts'

export const memoryLinkConfirmations = (): LinkConfirmations => {
  const confirmations = new Map<string, LinkConfirmation>()

  return {
    request: async (confirmation) => {
      confirmations.set(confirmation.idHash, structuredClone(confirmation))
    },
    find: async (idHash) => structuredClone(confirmations.get(idHash)),
    take: async (idHash) => {
      const confirmation = confirmations.get(idHash)
      confirmations.delete(idHash)
      return confirmation
    },
  }
}

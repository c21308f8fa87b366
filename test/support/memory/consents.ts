// The in-memory model of consents. A grant only adds scopes.
// A withdrawal removes the consent, and so does deleting the user or the client.
import type { Consent, Consents } from '../../../src/clients/consent.ts'

export interface MemoryConsents extends Consents {
  forget(whose: { userId: string } | { clientId: string }): void
}

export const memoryConsents = (): MemoryConsents => {
  let kept: Consent[] = []

  const find = (userId: string, clientId: string) =>
    kept.find((consent) => consent.userId === userId && consent.clientId === clientId)
  const remove = (matches: (consent: Consent) => boolean): boolean => {
    const before = kept.length
    kept = kept.filter((consent) => !matches(consent))
    return kept.length < before
  }

  return {
    find: async (userId, clientId) => structuredClone(find(userId, clientId)),
    grant: async (consent) => {
      const old = find(consent.userId, consent.clientId)
      if (old === undefined) {
        kept.push(structuredClone(consent))
        return
      }
      old.scopes = [...new Set([...old.scopes, ...consent.scopes])]
      old.grantedAt = consent.grantedAt
    },
    listOfUser: async (userId) =>
      structuredClone(kept.filter((consent) => consent.userId === userId)).sort((a, b) =>
        a.clientId < b.clientId ? -1 : 1,
      ),
    withdraw: async (userId, clientId) =>
      remove((consent) => consent.userId === userId && consent.clientId === clientId),
    forget: (whose) => {
      remove((consent) =>
        'userId' in whose ? consent.userId === whose.userId : consent.clientId === whose.clientId,
      )
    },
  }
}

// The model of sign-ins that are at a provider, and of links that wait to be confirmed: each taken once.
import type {
  LinkConfirmation,
  UpstreamAttempt,
  UpstreamAttempts,
} from '../../../src/sessions/upstream-attempt.ts'

export const memoryUpstreamAttempts = (): UpstreamAttempts => {
  const attempts = new Map<string, UpstreamAttempt>()
  const offers = new Map<string, LinkConfirmation>()

  return {
    begin: async (attempt) => {
      attempts.set(attempt.stateHash, structuredClone(attempt))
    },
    take: async (stateHash, { browserHash, provider }) => {
      const attempt = attempts.get(stateHash)
      if (attempt === undefined) return { outcome: 'unknown' }
      if (attempt.browserHash !== browserHash || attempt.provider !== provider) return { outcome: 'foreign' }
      attempts.delete(stateHash)
      return { outcome: 'taken', attempt }
    },
    offer: async (link) => {
      offers.set(link.idHash, structuredClone(link))
    },
    findOffer: async (idHash) => structuredClone(offers.get(idHash)),
    takeOffer: async (idHash) => {
      const offer = offers.get(idHash)
      offers.delete(idHash)
      return offer
    },
  }
}

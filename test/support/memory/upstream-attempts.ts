// The in-memory model of sign-ins at a provider and of link confirmations. Each is taken once.
import type {
  LinkConfirmation,
  UpstreamAttempt,
  UpstreamAttempts,
} from '../../../src/sessions/upstream-attempt.ts'

export const memoryUpstreamAttempts = (): UpstreamAttempts => {
  const attempts = new Map<string, UpstreamAttempt>()
  const confirmations = new Map<string, LinkConfirmation>()

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
    requestConfirmation: async (confirmation) => {
      confirmations.set(confirmation.idHash, structuredClone(confirmation))
    },
    findConfirmation: async (idHash) => structuredClone(confirmations.get(idHash)),
    takeConfirmation: async (idHash) => {
      const confirmation = confirmations.get(idHash)
      confirmations.delete(idHash)
      return confirmation
    },
  }
}

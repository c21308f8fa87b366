// The in-memory model of parked authorization requests. Each is taken once.
import type { ParkedRequest, ParkedRequests } from '../../../src/sessions/parked-request.ts'

export const memoryParkedRequests = (): ParkedRequests => {
  const kept = new Map<string, ParkedRequest>()

  return {
    park: async (request) => {
      kept.set(request.idHash, structuredClone(request))
    },
    find: async (idHash) => structuredClone(kept.get(idHash)),
    consent: async (idHash, sessionId) => {
      const parked = kept.get(idHash)
      if (parked) parked.consentedBySession = sessionId
      return parked !== undefined
    },
    take: async (idHash) => {
      const parked = kept.get(idHash)
      kept.delete(idHash)
      return parked
    },
  }
}

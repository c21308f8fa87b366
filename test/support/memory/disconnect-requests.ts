// The in-memory model of disconnect requests: one per identity, due again when its lease ends.
import type { DisconnectRequest, DisconnectRequests } from '../../../src/identities/disconnect-requests.ts'

export const memoryDisconnectRequests = (): DisconnectRequests => {
  let kept: { request: DisconnectRequest; dueAt: Date }[] = []
  const isOf = (provider: string, subject: string) => (one: { request: DisconnectRequest }) =>
    one.request.provider === provider && one.request.subject === subject
  const remove = (provider: string, subject: string) => {
    kept = kept.filter((one) => !isOf(provider, subject)(one))
  }

  return {
    enqueue: async (request) => {
      remove(request.provider, request.subject)
      kept.push({ request: structuredClone({ ...request, attempts: 0 }), dueAt: request.requestedAt })
    },
    lease: async (limit, now, leaseUntil) =>
      kept
        .filter(({ dueAt }) => dueAt <= now)
        .sort((a, b) => a.request.requestedAt.getTime() - b.request.requestedAt.getTime())
        .slice(0, limit)
        .map((one) => {
          one.dueAt = leaseUntil
          one.request.attempts += 1
          return structuredClone(one.request)
        }),
    postpone: async (provider, subject, at) => {
      for (const one of kept.filter(isOf(provider, subject))) one.dueAt = at
    },
    done: async (provider, subject) => remove(provider, subject),
  }
}

// The model of goodbyes: one per connection, due again after each try.
import type { ProviderGoodbye, ProviderGoodbyes } from '../../../src/identities/disconnect-requests.ts'

export const memoryProviderGoodbyes = (): ProviderGoodbyes => {
  let kept: { goodbye: ProviderGoodbye; dueAt: Date }[] = []
  const isOf = (provider: string, subject: string) => (one: { goodbye: ProviderGoodbye }) =>
    one.goodbye.provider === provider && one.goodbye.subject === subject
  const remove = (provider: string, subject: string) => {
    kept = kept.filter((one) => !isOf(provider, subject)(one))
  }

  return {
    enqueue: async (goodbye) => {
      remove(goodbye.provider, goodbye.subject)
      kept.push({ goodbye: structuredClone({ ...goodbye, attempts: 0 }), dueAt: goodbye.requestedAt })
    },
    claim: async (limit, now, leaseUntil) =>
      kept
        .filter(({ dueAt }) => dueAt <= now)
        .sort((a, b) => a.goodbye.requestedAt.getTime() - b.goodbye.requestedAt.getTime())
        .slice(0, limit)
        .map((one) => {
          one.dueAt = leaseUntil
          one.goodbye.attempts += 1
          return structuredClone(one.goodbye)
        }),
    postpone: async (provider, subject, at) => {
      for (const one of kept.filter(isOf(provider, subject))) one.dueAt = at
    },
    done: async (provider, subject) => remove(provider, subject),
  }
}

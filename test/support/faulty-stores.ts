// Stores that fail on demand: one call, or all of them; before the call is done, or after it was done and its answer lost.
import type { Stores } from '../../src/stores/stores.ts'
import { Unavailable } from '../../src/unavailable.ts'

export type Fault = 'not done' | 'done, answer lost'

export interface FaultyStores {
  stores: Stores
  /** `room.method` of each call since the last `mend`, the audit log's left out: its rows follow requests, unasked. */
  calls: string[]
  /** From now on the call numbered `which` (1 is the next) fails, once. */
  failCall(which: number, fault: Fault): void
  /** From now on every call fails, the audit log's too. */
  failAll(): void
  /** Everything works again. The call that failed, if one did. */
  mend(): string | undefined
}

export const faultyStores = (working: Stores): FaultyStores => {
  let plan: { which: number; fault: Fault } | 'all' | undefined
  let failed: string | undefined
  const calls: string[] = []

  const faultOf = (name: string): Fault | undefined => {
    const isAudit = name.startsWith('auditLog.')
    if (!isAudit) calls.push(name)
    if (plan === undefined) return undefined
    if (plan === 'all') return 'not done'
    return !isAudit && calls.length === plan.which ? plan.fault : undefined
  }

  const faulty = (room: string, port: object) =>
    Object.fromEntries(
      Object.entries(port).map(([method, call]) => [
        method,
        async (...args: unknown[]) => {
          const name = `${room}.${method}`
          const fault = faultOf(name)
          if (fault !== undefined) failed = name
          if (fault === 'not done') throw new Unavailable('a store of the test')
          const answer = await (call as (...args: unknown[]) => unknown)(...args)
          if (fault === 'done, answer lost') throw new Unavailable('a store of the test')
          return answer
        },
      ]),
    )

  const start = (next: typeof plan) => {
    calls.length = 0
    failed = undefined
    plan = next
  }

  return {
    stores: Object.fromEntries(
      Object.entries(working).map(([room, port]) => [room, faulty(room, port as object)]),
    ) as unknown as Stores,
    calls,
    failCall: (which, fault) => start({ which, fault }),
    failAll: () => start('all'),
    mend: () => {
      const hit = failed
      start(undefined)
      return hit
    },
  }
}

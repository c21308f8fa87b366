// Stores that fail when a test asks for it: one call, or all calls.
import type { Stores } from '../../src/stores/stores.ts'
import { Unavailable } from '../../src/unavailable.ts'

/** `not done`: the call has no effect. `done, answer lost`: it takes effect, but the caller gets an error. */
export type Fault = 'not done' | 'done, answer lost'

export const faults = ['not done', 'done, answer lost'] as const satisfies readonly Fault[]

/** Words for a test title, after "when a store call". */
export const faultInWords: Record<Fault, string> = {
  'not done': 'fails before it takes effect',
  'done, answer lost': 'takes effect but its answer is lost',
}

export interface FaultyStores {
  stores: Stores
  /**
   * `port.method` of each call since a test last made the stores fail or work.
   * Calls of the audit log and of the mail queue are left out, because they run after the answer.
   */
  calls: string[]
  /** Makes the call number `which` fail once. Number 1 is the next call. */
  failCall(which: number, fault: Fault): void
  /** Makes every call fail, those after the answer too. */
  failAll(): void
  /** Makes every call work again. Returns the call that failed, if one failed. */
  repair(): string | undefined
}

export const faultyStores = (working: Stores): FaultyStores => {
  let plan: { which: number; fault: Fault } | 'all' | undefined
  let failed: string | undefined
  const calls: string[] = []

  const faultOf = (name: string): Fault | undefined => {
    const isLater = /^(auditLog|mailQueue)\./.test(name)
    if (!isLater) calls.push(name)
    if (plan === undefined) return undefined
    if (plan === 'all') return 'not done'
    return !isLater && calls.length === plan.which ? plan.fault : undefined
  }

  const faulty = (name: string, port: object) =>
    Object.fromEntries(
      Object.entries(port).map(([method, call]) => [
        method,
        async (...args: unknown[]) => {
          const fullName = `${name}.${method}`
          const fault = faultOf(fullName)
          if (fault !== undefined) failed = fullName
          if (fault === 'not done') throw new Unavailable('a store of the test')
          const answer = await (call as (...args: unknown[]) => unknown)(...args)
          if (fault === 'done, answer lost') throw new Unavailable('a store of the test')
          return answer
        },
      ]),
    )

  const { changes, ...ports } = working

  const start = (next: typeof plan) => {
    calls.length = 0
    failed = undefined
    plan = next
  }

  return {
    stores: {
      ...(Object.fromEntries(
        Object.entries(ports).map(([name, port]) => [name, faulty(name, port)]),
      ) as unknown as Stores),
      changes,
    },
    calls,
    failCall: (which, fault) => start({ which, fault }),
    failAll: () => start('all'),
    repair: () => {
      const last = failed
      start(undefined)
      return last
    },
  }
}

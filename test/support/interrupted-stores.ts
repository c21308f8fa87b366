// Stores that do something of the test in the middle of a request: just before or just after one store call.
import type { Stores } from '../../src/stores/stores.ts'

type Work = () => Promise<unknown>

export interface InterruptedStores {
  stores: Stores
  /** Runs `work` once, before the next call of `port.method`. The call continues afterwards. */
  before(call: string, work: Work): void
  /** Runs `work` once, after the next call of `port.method`. Its caller gets the answer afterwards. */
  after(call: string, work: Work): void
  /** Forgets and returns the interruptions that no call has reached. A test expects none. */
  takeUnreached(): string[]
}

export const interruptedStores = (working: Stores): InterruptedStores => {
  const planned = new Map<string, Work>()

  const runPlanned = async (moment: string) => {
    const work = planned.get(moment)
    // Removed first, because the work makes store calls too.
    planned.delete(moment)
    await work?.()
  }

  const interrupted = (name: string, port: object) =>
    Object.fromEntries(
      Object.entries(port).map(([method, call]) => [
        method,
        async (...args: unknown[]) => {
          await runPlanned(`before ${name}.${method}`)
          const answer = await (call as (...args: unknown[]) => unknown)(...args)
          await runPlanned(`after ${name}.${method}`)
          return answer
        },
      ]),
    )

  return {
    stores: Object.fromEntries(
      Object.entries(working).map(([name, port]) => [name, interrupted(name, port as object)]),
    ) as unknown as Stores,
    before: (call, work) => void planned.set(`before ${call}`, work),
    after: (call, work) => void planned.set(`after ${call}`, work),
    takeUnreached: () => {
      const unreached = [...planned.keys()]
      planned.clear()
      return unreached
    },
  }
}

// Runs a test as usual, and then again without each guard that it reached. Measures what a test notices.
import { appendFileSync, readFileSync } from 'node:fs'
import { inject, type RunnerTestCase } from 'vitest'
import { VitestTestRunner } from 'vitest/runners'
import { getFn } from 'vitest/suite'

declare module 'vitest' {
  interface ProvidedContext {
    mutants: {
      /** The ids of the guards that step 1 need not remove again, one on a line. All workers append to it. */
      settledFile: string
      /** Only guards with these ids are removed. */
      among: string
      /** Set in the second step: one guard is removed from the start, and only these tests run. */
      only?: { guard: string; tests: readonly string[] }
    }
  }
  interface TaskMeta {
    /** The guards that decide something in the test or in a hook before it. */
    reached?: readonly string[]
    /** The guards whose removal the test noticed. */
    noticed?: readonly string[]
  }
}

/** Limits of the first step. The second step runs everything if no repeated test notices the guard. */
const limits = {
  /** Longer tests are not repeated. */
  testMilliseconds: 1000,
  /** The time that all repeats of one test may take together. */
  repeatsMilliseconds: 5000,
  /** A guard that survives must not be removed in every test that reaches it. */
  repeatsInFile: 8,
  repeatsInWorker: 40,
}

/** A guard that is asked this often in one test keeps a loop running. */
const maxCalls = 5_000_000

const realSetTimeout = setTimeout
const realClearTimeout = clearTimeout
const now = performance.now.bind(performance)

let removed: string | undefined
let calls = 0
/** How often each guard was removed in this worker. */
const repeated = new Map<string, number>()
let reached = new Set<string>()

Object.assign(globalThis, {
  /** A test can notice a removed guard only if the guard decides something in it. */
  guard: (id: string, value: unknown, without: boolean): unknown => {
    if (!value === without) reached.add(id)
    if (id !== removed) return value
    calls += 1
    if (calls > maxCalls) throw new Error(`endless without the guard ${id}`)
    return without
  },
})

type Outcome = 'passed' | 'failed' | 'late'

const outcomeOf = async (test: RunnerTestCase, timeoutMilliseconds: number): Promise<Outcome> => {
  calls = 0
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = realSetTimeout(() => resolve('late'), timeoutMilliseconds)
  })
  const done = async () => {
    try {
      await getFn(test)()
      return 'passed'
    } catch {
      return 'failed'
    }
  }
  const outcome = await Promise.race([done(), late])
  realClearTimeout(timer)
  return outcome
}

interface Repeats {
  noticed: string[]
  /** A guard whose removal broke what the tests share, so that this test cannot run again. */
  broke?: string
}

/** Repeats the test, which took `milliseconds`, without each of the guards. */
const repeat = async (
  test: RunnerTestCase,
  guards: readonly string[],
  milliseconds: number,
): Promise<Repeats> => {
  const noticed: string[] = []
  const run = async (without?: string): Promise<Outcome> => {
    removed = without
    const outcome = await outcomeOf(test, 3000 + 20 * milliseconds)
    removed = undefined
    return outcome
  }
  // A test that cannot run twice proves nothing when it is repeated.
  if (guards.length === 0 || (await run()) !== 'passed') return { noticed }
  const start = now()
  for (const guard of guards) {
    if (now() - start > limits.repeatsMilliseconds) break
    const outcome = await run(guard)
    repeated.set(guard, (repeated.get(guard) ?? 0) + 1)
    if (outcome === 'passed') continue
    if ((await run()) !== 'passed') return { noticed, broke: guard }
    // On a busy machine a test may be late, or may fail once. That proves nothing.
    if (outcome === 'failed' && (await run(guard)) === 'failed') noticed.push(guard)
  }
  return { noticed }
}

export default class extends VitestTestRunner {
  readonly #mutants = inject('mutants')
  readonly #settled = new Set(readFileSync(this.#mutants.settledFile, 'utf8').split('\n'))
  /** What the hooks of the file reach. */
  readonly #outside = new Set<string>()
  /** How often each guard was removed before this file. */
  readonly #before = new Map(repeated)

  constructor(...args: ConstructorParameters<typeof VitestTestRunner>) {
    super(...args)
    removed = this.#mutants.only?.guard
    reached = new Set()
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    const { only } = this.#mutants
    if (only && !only.tests.includes(test.id)) test.mode = 'skip'
    await super.onBeforeRunTask(test)
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    for (const guard of reached) this.#outside.add(guard)
    reached = new Set()
    const start = now()
    await getFn(test)()
    const milliseconds = now() - start
    test.meta.reached = [...new Set([...this.#outside, ...reached])]
    if (this.#mutants.only) return

    if (milliseconds > limits.testMilliseconds) return
    const guards = [...reached].filter((guard) => this.#mayRepeat(guard))
    guards.sort((a, b) => (repeated.get(a) ?? 0) - (repeated.get(b) ?? 0))
    const { noticed, broke } = await repeat(test, guards, milliseconds)
    test.meta.noticed = noticed
    for (const guard of broke === undefined ? noticed : [...noticed, broke]) {
      this.#settled.add(guard)
      appendFileSync(this.#mutants.settledFile, `${guard}\n`)
    }
    reached = new Set()
  }

  #mayRepeat(guard: string): boolean {
    const count = repeated.get(guard) ?? 0
    return (
      new RegExp(this.#mutants.among).test(guard) &&
      !this.#settled.has(guard) &&
      count < limits.repeatsInWorker &&
      count - (this.#before.get(guard) ?? 0) < limits.repeatsInFile
    )
  }
}

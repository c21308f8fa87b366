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

/** Longer tests are not repeated. The second step runs them if no other test notices the guard. */
const maxMilliseconds = 1000
const timeoutMilliseconds = 3000

const realSetTimeout = setTimeout
const realClearTimeout = clearTimeout
const now = performance.now.bind(performance)

let removed: string | undefined
let reached = new Set<string>()

Object.assign(globalThis, {
  /** A test can notice a removed guard only if the guard decides something in it. */
  guard: (id: string, value: unknown, without: boolean): unknown => {
    if (!value === without) reached.add(id)
    return id === removed ? without : value
  },
})

const passes = async (test: RunnerTestCase): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = realSetTimeout(() => resolve(false), timeoutMilliseconds)
  })
  const done = async () => {
    try {
      await getFn(test)()
      return true
    } catch {
      return false
    }
  }
  const passed = await Promise.race([done(), late])
  realClearTimeout(timer)
  return passed
}

interface Repeats {
  noticed: string[]
  /** A guard whose removal broke what the tests share, so that this test cannot run again. */
  broke?: string
}

/** Repeats the test without each of the guards. */
const repeat = async (test: RunnerTestCase, guards: readonly string[]): Promise<Repeats> => {
  const noticed: string[] = []
  // A test that cannot run twice proves nothing when it is repeated.
  if (guards.length === 0 || !(await passes(test))) return { noticed }
  for (const guard of guards) {
    removed = guard
    const passed = await passes(test)
    removed = undefined
    if (passed) continue
    if (!(await passes(test))) return { noticed, broke: guard }
    noticed.push(guard)
  }
  return { noticed }
}

export default class extends VitestTestRunner {
  readonly #mutants = inject('mutants')
  readonly #settled = new Set(readFileSync(this.#mutants.settledFile, 'utf8').split('\n'))
  /** What the hooks of the file reach. */
  readonly #outside = new Set<string>()

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

    if (milliseconds > maxMilliseconds) return
    const among = new RegExp(this.#mutants.among)
    const guards = [...reached].filter((guard) => among.test(guard) && !this.#settled.has(guard))
    const { noticed, broke } = await repeat(test, guards)
    test.meta.noticed = noticed
    for (const guard of broke === undefined ? noticed : [...noticed, broke]) {
      this.#settled.add(guard)
      appendFileSync(this.#mutants.settledFile, `${guard}\n`)
    }
    reached = new Set()
  }
}

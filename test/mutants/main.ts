// Removes one guard at a time and reports the guards that no test misses. test/README.md says how to use it.
// Step 1 repeats each test without the guards that it reaches (runner.ts). Step 2 runs all tests that reach a
// guard again, if no test noticed its removal: then the guard is also absent while a file sets up.
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createVitest, type TestCase, type TestSpecification } from 'vitest/node'
import { type Guard, guardsOf } from './guards.ts'
import { rooms } from './rooms.ts'

const { values: options } = parseArgs({
  options: {
    /** A regular expression for the ids of guards, such as `src/tokens` or `refresh.ts:54`. */
    room: { type: 'string', default: '' },
    /** A regular expression for the names of the test files. */
    tests: { type: 'string', default: '' },
    /** Only lists the guards. */
    list: { type: 'boolean', default: false },
  },
})

const guards: Guard[] = rooms
  .flatMap((room) => (room.endsWith('.ts') ? [room] : globSync(`${room}/**/*.ts`).sort()))
  .flatMap((file) => guardsOf(file, readFileSync(file, 'utf8')))
  .filter(({ id }) => new RegExp(options.room).test(id))

if (options.list) {
  for (const { id, text } of guards) console.log(`${id}  ${text}`)
  process.exit()
}

const folder = mkdtempSync(join(tmpdir(), 'dojang-mutants-'))
process.on('exit', () => rmSync(folder, { recursive: true }))
const settledFile = join(folder, 'settled')
writeFileSync(settledFile, '')

/** The results of the current run. */
let finished: TestCase[] = []
let failures: string[] = []

const vitest = await createVitest('test', {
  config: 'test/mutants/vitest.config.ts',
  reporters: [
    {
      onTestCaseResult: (test) => {
        finished.push(test)
        if (test.result().state === 'failed') failures.push(nameOf(test))
      },
      onTestSuiteResult: (suite) => {
        if (suite.errors().length > 0) failures.push(`${suite.module.relativeModuleId}: ${suite.name}`)
      },
      onTestModuleEnd: (module) => {
        if (module.errors().length > 0) failures.push(module.relativeModuleId)
        // A failed hook does not count for `bail`.
        if (module.state() === 'failed' && vitest.config.bail) void vitest.cancelCurrentRun('test-failure')
      },
    },
  ],
})

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId}: ${test.name}`

const run = async (files: TestSpecification[], only?: { guard: string; tests: readonly string[] }) => {
  finished = []
  failures = []
  vitest.config.bail = only ? 1 : 0
  const mutants = { settledFile, among: options.room, ...(only && { only }) }
  for (const project of vitest.projects) project.provide('mutants', mutants)
  await vitest.runTestSpecifications(files)
}

/** The other folders run later, when few guards are left: their tests take longer. */
const isQuick = ({ moduleId }: TestSpecification): boolean => /\/test\/(flows|rules)\//.test(moduleId)
const files = (await vitest.globTestSpecifications())
  .filter(({ moduleId }) => new RegExp(options.tests).test(moduleId))
  .sort((a, b) => Number(isQuick(b)) - Number(isQuick(a)))
await run(files)
// A test that fails anyway proves nothing.
for (const test of failures) console.warn(`left out, because it fails without a mutant: ${test}`)

const noticedBy = new Map<string, string>()
for (const test of finished) for (const guard of test.meta().noticed ?? []) noticedBy.set(guard, nameOf(test))
const reachedBy = new Map(
  guards.map(({ id }) => [id, finished.filter((test) => test.ok() && test.meta().reached?.includes(id))]),
)

/** Runs the files with the fewest reaching tests first. They are often those that test the guard. */
const noticedInStep2 = async (guard: string): Promise<string | undefined> => {
  const byFile = Map.groupBy(reachedBy.get(guard) ?? [], (test) => test.module.moduleId)
  const countIn = ({ moduleId }: TestSpecification): number => byFile.get(moduleId)?.length ?? 0
  const reaching = files.filter((file) => countIn(file) > 0).sort((a, b) => countIn(a) - countIn(b))
  const tests = [...byFile.values()].flat().map(({ id }) => id)
  if (reaching.length > 0) await run(reaching, { guard, tests })
  return reaching.length > 0 ? failures[0] : undefined
}

let missed = 0
for (const { id, text } of guards) {
  const reached = reachedBy.get(id)?.length ?? 0
  const test = noticedBy.get(id) ?? (await noticedInStep2(id))
  if (test === undefined) missed += 1
  const verdict = test !== undefined ? 'killed' : reached > 0 ? 'SURVIVED' : 'UNREACHED'
  console.log(`${verdict.padEnd(9)} ${id}  ${text}${test === undefined ? '' : `  <- ${test}`}`)
}
console.log(`${guards.length} guards: ${guards.length - missed} killed, ${missed} survived`)
await vitest.close()

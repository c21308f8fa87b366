// Removes one guard at a time and reports the guards that no test misses. test/README.md says how to use it.
// Step 1 repeats each test without the guards that it reaches (runner.ts). Step 2 runs all tests that reach a
// guard again, if no test noticed its removal: then the guard is also absent while a file sets up.
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createVitest, type TestCase, type TestSpecification } from 'vitest/node'
import { explanations } from './explanations.ts'
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

interface Failure {
  name: string
  moduleId: string
  /** Absent if a hook or the file failed. */
  testId?: string
}

/** The results of the current run. */
let finished: TestCase[] = []
let failures: Failure[] = []

const vitest = await createVitest('test', {
  config: 'test/mutants/vitest.config.ts',
  reporters: [
    {
      onTestCaseResult: (test) => {
        finished.push(test)
        if (test.result().state === 'failed')
          failures.push({ name: nameOf(test), moduleId: test.module.moduleId, testId: test.id })
      },
      onTestSuiteResult: (suite) => {
        const { moduleId, relativeModuleId } = suite.module
        if (suite.errors().length > 0) failures.push({ name: `${relativeModuleId}: ${suite.name}`, moduleId })
      },
      onTestModuleEnd: (module) => {
        const { moduleId, relativeModuleId } = module
        if (module.errors().length > 0) failures.push({ name: relativeModuleId, moduleId })
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
for (const { name } of failures) console.warn(`left out, because it fails without a mutant: ${name}`)

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
  for (let attempt = 0; attempt < 3 && reaching.length > 0; attempt += 1) {
    await run(reaching, { guard, tests })
    const [failure] = failures
    if (failure === undefined) return undefined
    // A test that is late on a busy machine fails once.
    const again = files.filter(({ moduleId }) => moduleId === failure.moduleId)
    await run(again, { guard, tests: failure.testId === undefined ? tests : [failure.testId] })
    if (failures.length > 0) return failure.name
  }
  return undefined
}

const explained = explanations()
/** The verdicts of the guards of each room, such as `src/tokens`. */
const verdicts = new Map<string, string[]>()
for (const guard of guards) {
  const { id, text } = guard
  const isExplained = explained.some(({ explains }) => explains(guard))
  const test = noticedBy.get(id) ?? (isExplained ? undefined : await noticedInStep2(id))
  const survived = (reachedBy.get(id)?.length ?? 0) > 0 ? 'SURVIVED' : 'UNREACHED'
  const verdict = test !== undefined ? 'killed' : isExplained ? 'explained' : survived
  const [room = ''] = /^src\/[\w-]+/.exec(id) ?? []
  verdicts.set(room, [...(verdicts.get(room) ?? []), verdict])
  console.log(`${verdict.padEnd(9)} ${id}  ${text}${test === undefined ? '' : `  <- ${test}`}`)
  if (test !== undefined) noticedBy.set(id, test)
}
for (const { file, text, explains } of explained) {
  const itsGuards = guards.filter(explains)
  if (itsGuards.length > 0 && itsGuards.every(({ id }) => noticedBy.has(id)))
    console.warn(`A test notices ${file}: ${text}. Delete its explanation.`)
}
for (const [room, all] of verdicts) {
  const count = (verdict: string): number => all.filter((one) => one === verdict).length
  const [killed, harmless] = [count('killed'), count('explained')]
  const survived = all.length - killed - harmless
  console.log(`${room}: ${all.length} guards, ${killed} killed, ${harmless} explained, ${survived} survived`)
}
await vitest.close()

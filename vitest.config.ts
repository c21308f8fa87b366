import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** They replace a package with a counting one, which must not reach other files. */
const replacing = ['test/flows/login.test.ts', 'test/rules/password-hash.test.ts']

/** Those that wait for processes begin first, so that nobody waits for them at the end. */
class ProcessesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const startsProcesses = /\/test\/(cli|processes|browser|clients|faults|boot|docs)\b/
    const [first, then] = [true, false].map((slow) =>
      files.filter(({ moduleId }) => startsProcesses.test(moduleId) === slow),
    )
    return [...(first ?? []), ...(await super.sort(then ?? []))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: ProcessesFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // More than the cores of a small machine: many tests wait for processes of their own.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: replacing,
          globalSetup: ['test/support/global-setup.ts'],
          // One loading of the sources per worker instead of one per file; nothing of ours keeps state in a module.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'replacing', include: replacing } },
    ],
  },
})

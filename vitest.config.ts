import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** These files mock a package. They run isolated, so that other files get the real package. */
export const mocking = ['test/flows/login.test.ts', 'test/rules/password-hash.test.ts']

/** Runs the slow files with processes first, so that the run does not wait for them at the end. */
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
    // A small machine has fewer cores. More workers help, because many tests wait for processes.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [...mocking, 'test/restarts/**', 'test/containers/**', 'test/clients/fleet/**'],
          globalSetup: ['test/support/global-setup.ts'],
          // Each worker loads the sources once instead of once per file. No module of Dojang keeps state.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'mocking', include: mocking } },
    ],
  },
})

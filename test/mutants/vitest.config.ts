// The tests of a mutation run: those that run in one process, without PostgreSQL and Redis.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { TestSpecification } from 'vitest/node'
import { mocking } from '../../vitest.config.ts'
import { withSwitches } from './guards.ts'
import { rooms } from './rooms.ts'

const root = new URL('../..', import.meta.url).pathname

/** The caller passes the files in their order, quickest first. */
class AsGiven {
  sort = async (files: TestSpecification[]) => files
  shard = async (files: TestSpecification[]) => files
}

const include = [
  'test/{flows,rules,contracts,keys,fuzz}/**/*.test.ts',
  'test/cli/*-operations.test.ts',
  'test/faults/{each,upstream}-*.test.ts',
]

export default defineConfig({
  root,
  plugins: [
    {
      name: 'switches',
      enforce: 'pre',
      load: (id) => {
        const file = relative(root, id)
        return rooms.some((room) => file.startsWith(room) && file.endsWith('.ts'))
          ? { code: withSwitches(file, readFileSync(id, 'utf8')) }
          : null
      },
    },
  ],
  test: {
    watch: false,
    silent: true,
    maxWorkers: 2,
    isolate: false,
    sequence: { sequencer: AsGiven },
    // On a busy machine a slow test proves nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    runner: './test/mutants/runner.ts',
    provide: { postgresUrl: '', redisUrl: '' },
    projects: [
      { extends: true, test: { name: 'shared', include, exclude: mocking } },
      { extends: true, test: { name: 'mocking', include: mocking, isolate: true } },
    ],
  },
})

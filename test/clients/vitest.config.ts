import { defineConfig } from 'vitest/config'

/** For `npm run test:clients`. It needs the programs of docs/stock-clients.md, and the package registries. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/clients/fleet/**/*.test.ts'],
    // The files start many servers, each on a port that was free a moment before.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 1_800_000,
  },
})

import { defineConfig } from 'vitest/config'

/** For `npm run test:containers`, which needs root and container tools. `npm test` needs neither. */
export default defineConfig({
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['*.test.ts'],
    globalSetup: ['global-setup.ts'],
    // Containers that start and drain on a busy machine are slow.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // The end removes all containers and images. Vitest's default of ten seconds is too short for that.
    teardownTimeout: 120_000,
    fileParallelism: false,
  },
})

import { defineConfig } from 'vitest/config'

/** For `npm run test:examples`. CONTRIBUTING.md says what it needs. */
export default defineConfig({
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})

import { defineConfig } from 'vitest/config'

/** `npm run test:examples`: needs Python and Go, which `npm test` does not. */
export default defineConfig({
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})

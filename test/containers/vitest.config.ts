import { defineConfig } from 'vitest/config'

/** For `npm run test:containers`, which needs root and container tools. `npm test` needs neither. */
export default defineConfig({
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['*.test.ts'],
    globalSetup: ['global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
})

import { defineConfig } from 'vitest/config'

/** For `npm run test:examples`. CONTRIBUTING.md says what it needs. */
export default defineConfig({
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Some tests install packages or build a site, while another file does the same on the same machine.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    // Many tests wait until a token expires, so two files run at a time. test/own-copy.ts separates them.
    maxWorkers: 2,
  },
})

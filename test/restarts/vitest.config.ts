import { defineConfig } from 'vitest/config'

/** For `npm run test:restarts`, which needs nginx, HAProxy and Caddy, and takes minutes. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/restarts/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})

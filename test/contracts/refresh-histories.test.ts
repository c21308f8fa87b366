// Random sequences of sign-ins, refreshes, replays, reuse, logouts, waits and failures.
// Each store must give the same results as the model.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { backends, type OpenBackend } from './expiring-backends.ts'
import { newHistoryRun } from './refresh-history-run.ts'
import { histories } from './refresh-steps.ts'

const runs: Record<string, number> = { memory: 300, SQLite: 40, PostgreSQL: 60, Redis: 100 }

for (const backend of backends)
  describe.skipIf(backend.missing)(`refresh histories in ${backend.name}`, () => {
    let opened: OpenBackend
    beforeAll(async () => {
      opened = await backend.open()
    })
    afterAll(() => opened?.close())

    test('a random refresh history gives the same result in the store as in the model (C1, C2, C3, C5, C6, C8, C11, C14, C15)', async () => {
      await fc.assert(
        fc.asyncProperty(histories, async (steps) => {
          const history = await newHistoryRun(opened.instances)
          for (const step of steps) await history.run(step)
          await history.check()
        }),
        { numRuns: runs[backend.name] ?? 20 },
      )
    })
  })

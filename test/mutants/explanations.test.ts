// Checks the list in the decision 0048 against the code.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { explanations } from './explanations.ts'
import { guardsOf } from './guards.ts'

test('the list of guards that no test misses names only guards that exist', () => {
  const explained = explanations()
  expect(explained.length).toBeGreaterThan(10)
  for (const { file, text, explains } of explained) {
    const path = `src/${file}`
    expect(guardsOf(path, readFileSync(path, 'utf8')).some(explains), `${file}: ${text}`).toBe(true)
  }
})

// Runs axe-core, the usual checker of accessibility, in a page.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core calls serious or critical. The debugger runs it, so the policy of the page holds. */
const run = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ target }) => id + ': ' + help + ' at ' + target.join(' '))))`

/** The serious faults of the page that axe-core finds. */
export const seriousFaultsOf = async (page: Page): Promise<string[]> => {
  await page.evaluate(source)
  return page.evaluate<string[]>(run)
}

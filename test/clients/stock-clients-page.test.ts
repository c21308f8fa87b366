// docs/stock-clients.md and docs/java.md, in English and Korean: their tables list the libraries of the
// suite, and their code is the code that the suite runs. `npm run test:clients` compares the results.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clients } from './fleet/clients.ts'
import { tableInKorean } from './fleet/table.ko.ts'
import { listed } from './fleet/table.ts'
import { verifiers } from './fleet/verifiers.ts'

const root = new URL('../..', import.meta.url).pathname
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** The table after a mark. */
const tableOf = (page: string, mark: string): string => {
  const [, after = ''] = textOf(page).split(`<!-- ${mark} -->`)
  const [table = ''] = after.split('<!-- end -->')
  return table.trim()
}

/** The rows of a table, up to the cell of the language. */
const rowsOf = (table: string): string[] =>
  table
    .split('\n')
    .slice(2)
    .map((row) => row.split(' | ').slice(0, 3).join(' | '))

/** The blocks of a page with the file that each must equal. */
const printed = (document: string) =>
  [...textOf(document).matchAll(/^<!-- code: (\S+) -->\n\n```\w+\n([\s\S]*?)^```$/gm)].map(
    ([, file = '', code = '']) => ({ file, code }),
  )
const documents = ['stock-clients.md', 'stock-clients.ko.md', 'java.md', 'java.ko.md'].map(
  (name) => `docs/${name}`,
)
const blocks = documents.flatMap(printed)

test.each([
  { mark: 'clients', libraries: clients },
  { mark: 'verifiers', libraries: verifiers },
])('the table of $mark lists the libraries of the suite in their versions', ({ mark, libraries }) => {
  expect(libraries.length).toBeGreaterThanOrEqual(10)
  expect(rowsOf(tableOf('docs/stock-clients.md', mark))).toEqual(libraries.map(listed))
})

test.each(['clients', 'verifiers'])('the Korean table of %s has the results of the English one', (mark) => {
  const korean = tableOf('docs/stock-clients.ko.md', mark)
  expect(korean.split('\n')).toEqual(tableInKorean(tableOf('docs/stock-clients.md', mark)).split('\n'))
})

test('every block is the file that the suite runs (J3)', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(30)
  for (const { file, code } of blocks)
    expect(code, file).toBe(textOf(file).replace(/^package dojang;\n\n/, ''))
})

test('the pages print the verifier of every stack', () => {
  const files = [
    'test/clients/node/verifiers',
    'test/clients/python/verifiers',
    'test/clients/rust/src/verifiers',
  ]
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((file) => !/quick[-_]starts|__init__|__pycache__|mod\.rs/.test(file))
  const others = [
    ...['check-token.js', 'nginx/service.conf', 'caddy/Caddyfile', 'haproxy/service.cfg'].map(
      (name) => `test/clients/${name}`,
    ),
    ...['gooidc', 'golangjwt', 'jwx'].map((name) => `test/clients/go/${name}/verify.go`),
    ...['ResourceServerConfiguration', 'NimbusVerifier'].map(
      (name) => `test/clients/java/src/main/java/dojang/${name}.java`,
    ),
  ]
  const inPages = blocks.map(({ file }) => file)
  expect([...files, ...others].filter((file) => !inPages.includes(file))).toEqual([])
})

// docs/security.md tells the truth: every rule is there once, with tests whose titles end with its id, or a reason.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname

/** How many rules each section has. */
const sections = { A: 25, B: 15, C: 13, D: 17, E: 14, F: 22, G: 12, H: 12, I: 12, J: 7 }
const ids = Object.entries(sections).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
)

const rows = readFileSync(join(root, 'docs/security.md'), 'utf8')
  .split('\n')
  .map((line) => /^\| ([A-J]\d+) \| ([^|]+) \| ([^|]+) \|$/.exec(line))
  .flatMap((match) => (match ? [{ id: match[1] ?? '', proof: match[3] ?? '' }] : []))

/** The ids that the titles in a file end with. */
const titled = (text: string): string[] =>
  [...text.matchAll(/\(((?:[A-J]\d{1,2}(?:, )?)+)\)['"`]/g)].flatMap((match) => (match[1] ?? '').split(', '))

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))

/** Below test/, the name is without it. */
const proofs = [...filesIn('test'), ...filesIn('examples/test')]
  .filter((path) => path.endsWith('.ts') && path !== 'test/security-map.test.ts')
  .map((path) => ({ path: path.replace(/^test\//, ''), ids: titled(readFileSync(join(root, path), 'utf8')) }))

test('docs/security.md lists every rule once, in order', () => {
  expect(rows.map(({ id }) => id)).toEqual(ids)
})

test('every rule has a test or says why not', () => {
  const bare = rows.filter(
    ({ id, proof }) => !proofs.some((file) => file.ids.includes(id)) && !/\w.{8,}\.$/.test(proof.trim()),
  )
  expect(bare).toEqual([])
})

test('every test that it names proves the rule', () => {
  const named = rows.flatMap(({ id, proof }) =>
    [...proof.matchAll(/`([a-z][\w./-]*\.ts)`/g)].map((match) => ({ id, path: match[1] ?? '' })),
  )
  expect(named.length).toBeGreaterThan(rows.length)
  const wrong = named.filter(
    ({ id, path }) => !proofs.some((file) => file.path === path && file.ids.includes(id)),
  )
  expect(wrong).toEqual([])
})

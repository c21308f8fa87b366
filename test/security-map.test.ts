// Compares docs/security.md with the tests. Every rule is listed once, with its tests or with a reason.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname

/** The number of rules in each section. */
const sections = { A: 25, B: 15, C: 15, D: 17, E: 14, F: 22, G: 12, H: 13, I: 12, J: 7 }
const ids = Object.entries(sections).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
)

const page = readFileSync(join(root, 'docs/security.md'), 'utf8')

const rows = page
  .split('\n')
  .map((line) => /^\| ([A-J]\d+) \| ([^|]+) \| ([^|]+) \|$/.exec(line))
  .flatMap((match) => (match ? [{ id: match[1] ?? '', proof: match[3] ?? '' }] : []))

/** The ids at the end of the test titles in a file. */
const idsInTitles = (text: string): string[] =>
  [...text.matchAll(/\(((?:[A-J]\d{1,2}(?:, )?)+)\)['"`]/g)].flatMap((match) => (match[1] ?? '').split(', '))

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))

const proofs = [...filesIn('test'), ...filesIn('examples/test')]
  .filter((path) => path.endsWith('.ts') && path !== 'test/security-map.test.ts')
  .map((path) => ({ path, ids: idsInTitles(readFileSync(join(root, path), 'utf8')) }))

const isTested = (id: string): boolean => proofs.some((file) => file.ids.includes(id))

/** The page omits the folder `test/` from the names of test files. */
const nameOf = (path: string): string => path.replace(/^test\//, '')

test('docs/security.md lists every rule once and in order', () => {
  expect(rows.map(({ id }) => id)).toEqual(ids)
})

test('docs/security.md gives a reason for each rule without a test and lists these rules at the top', () => {
  const untested = rows.filter(({ id }) => !isTested(id))
  expect(untested.filter(({ proof }) => !/^No test: .{8,}\.$/.test(proof.trim()))).toEqual([])
  const listed = /^These rules have no test: ([^.]+)\./m.exec(page)?.[1] ?? ''
  expect(listed.match(/[A-J]\d+/g)).toEqual(untested.map(({ id }) => id))
})

test('docs/security.md names only files that test the rule, and links each to an existing file', () => {
  const files = rows.flatMap(({ id, proof }) =>
    [...proof.matchAll(/`([a-z][\w./-]*\.ts)`/g)].map((match) => ({ id, name: match[1] ?? '' })),
  )
  expect(files.length).toBeGreaterThan(rows.length)
  const wrong = files.filter(
    ({ id, name }) => !proofs.some(({ path, ids }) => nameOf(path) === name && ids.includes(id)),
  )
  expect(wrong).toEqual([])

  const links = rows.flatMap(({ id, proof }) =>
    [...proof.matchAll(/\[`([^`]+)`\]\(\.\.\/([^)]+)\)/g)].map((match) => ({
      id,
      name: match[1] ?? '',
      path: match[2] ?? '',
    })),
  )
  expect(links.map(({ id, name }) => ({ id, name }))).toEqual(files)
  expect(links.filter(({ name, path }) => nameOf(path) !== name || !existsSync(join(root, path)))).toEqual([])
})

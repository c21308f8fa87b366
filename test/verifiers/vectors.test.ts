// The corpus that the verifiers in every language run: it is complete, up to date and without secrets.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { corpus as generated } from '../../verifiers/vectors/generate.ts'
import type { Vector } from '../../verifiers/vectors/vector.ts'

const read = (path: string) => readFileSync(new URL(`../../verifiers/${path}`, import.meta.url), 'utf8')
const text = read('vectors/corpus.json')
const corpus = JSON.parse(text)

test('the verdicts of the corpus are exactly the ones that verifiers/README.md lists', () => {
  const named = [...read('README.md').matchAll(/^\| `([a-z_]+)` \| (?:401|403|503) \|/gm)].map(
    (row) => row[1],
  )
  const expected = corpus.vectors.map(({ expect }: { expect: { verdict: string } }) => expect.verdict)
  expect([...new Set(expected)].sort()).toEqual([...named, 'ok'].sort())
})

test('the corpus contains no private key (D4)', () => {
  expect(text).not.toMatch(/PRIVATE KEY/)
  for (const world of Object.values<Record<string, { body?: string }>>(corpus.worlds))
    for (const { body } of Object.values(world))
      if (body?.startsWith('{'))
        for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])
          for (const key of JSON.parse(body).keys ?? []) expect(key).not.toHaveProperty(member)
})

test('every vector names a known verifier, and every verifier a known world', () => {
  for (const { verifier } of corpus.vectors) expect(corpus.verifiers).toHaveProperty([verifier])
  for (const { world } of Object.values<{ world: string }>(corpus.verifiers))
    expect(corpus.worlds).toHaveProperty([world])
})

test('the corpus has the vectors, verifiers and worlds of generate.ts', () => {
  // Every run of generate.ts makes new keys, so the tokens differ.
  const withoutToken = ({ authorization: _, ...rest }: Vector) => rest
  expect(corpus.vectors.map(withoutToken)).toEqual(generated.vectors.map(withoutToken))
  expect(Object.keys(corpus.verifiers)).toEqual(Object.keys(generated.verifiers))
  expect(Object.keys(corpus.worlds)).toEqual(Object.keys(generated.worlds))
})

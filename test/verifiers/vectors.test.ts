// The corpus that the verifiers in every language run: whole, and without anything secret.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../verifiers/${path}`, import.meta.url), 'utf8')
const text = read('vectors/corpus.json')
const corpus = JSON.parse(text)

test('every verdict that verifiers/README.md names has a vector, and no vector has another', () => {
  const named = [...read('README.md').matchAll(/^\| `([a-z_]+)` \| (?:401|403|503) \|/gm)].map(
    (row) => row[1],
  )
  const expected = corpus.vectors.map(({ expect }: { expect: { verdict: string } }) => expect.verdict)
  expect([...new Set(expected)].sort()).toEqual([...named, 'ok'].sort())
})

test('the corpus holds no private key (D4)', () => {
  expect(text).not.toMatch(/PRIVATE KEY/)
  for (const world of Object.values<Record<string, { body?: string }>>(corpus.worlds))
    for (const { body } of Object.values(world))
      if (body?.startsWith('{'))
        for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])
          for (const key of JSON.parse(body).keys ?? []) expect(key).not.toHaveProperty(member)
})

test('every vector names a verifier, and every verifier a world', () => {
  for (const { verifier } of corpus.vectors) expect(corpus.verifiers).toHaveProperty([verifier])
  for (const { world } of Object.values<{ world: string }>(corpus.verifiers))
    expect(corpus.worlds).toHaveProperty([world])
})

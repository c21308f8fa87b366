// The packages in verifiers/ can be published as they are, and no page installs them from a registry.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url)
const textOf = (file: string): string => readFileSync(new URL(file, root), 'utf8')

test.each(['node', 'python'])('the package for %s contains the licence of Dojang', (language) => {
  expect(textOf(`verifiers/${language}/LICENSE`)).toBe(textOf('LICENSE'))
})

test('the packages have the same version, and their READMEs name the files with this version', () => {
  const { version } = JSON.parse(textOf('verifiers/node/package.json'))
  expect(textOf('verifiers/python/pyproject.toml')).toContain(`\nversion = "${version}"\n`)
  expect(textOf('verifiers/node/README.md')).toContain(`dojang-verifier-${version}.tgz`)
  expect(textOf('verifiers/python/README.md')).toContain(`dojang_verifier-${version}-py3-none-any.whl`)
  expect(textOf('verifiers/go/README.md')).toContain(`dojang/verifier@v${version}`)
})

describe('no page installs a verifier from a registry, because no registry has one', () => {
  const fromRegistry =
    /\b(?:(?:npm|pnpm|yarn|bun) +(?:i|install|add)|pip3? +install|uv +(?:add|pip +install)|poetry +add|go +get)\b[^\n`]*[ "'](?:@dojang\/|dojang[-_]verifier\b|dojang\/verifier)/

  test.each([
    'npm install @dojang/verifier',
    'pip install "dojang-verifier[fastapi]"',
    'go get dojang/verifier@v0.1.0',
  ])('this test recognizes `%s`', (line) => {
    expect(line).toMatch(fromRegistry)
  })

  const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root })
  test.each(pages.toString().trim().split('\n'))('%s', (page) => {
    expect(textOf(page)).not.toMatch(fromRegistry)
  })
})

describe('the sentences of the log', () => {
  const rows = [...textOf('verifiers/README.md').matchAll(/^\| `([a-z_]+)` \| ([A-Z][^|`]+\.) \|$/gm)]
  const sources = [
    'verifiers/node/src/refusals.js',
    'verifiers/python/dojang_verifier/errors.py',
    'verifiers/go/refusals.go',
  ]
  /** Joins texts that continue on the next line. */
  const sourceOf = (file: string) => textOf(file).replace(/"\s*\n\s*"/g, '')

  test.each(sources)('are the same in verifiers/README.md and in %s', (file) => {
    expect(rows).toHaveLength(17)
    const source = sourceOf(file)
    for (const [, verdict = '', sentence = ''] of rows)
      expect(source, verdict).toMatch(new RegExp(`\\b${verdict}"?:\\s+['"]${sentence.split(':')[0]}`))
    for (const [, , sentence] of rows) expect(source).toContain(sentence)
  })
})

// The rules of CONTRIBUTING.md that a program can check: banned words, and the length of comment lines.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname

const bannedWords =
  /\b(mend(s|ed|ing)?|anew|who(so)?ever|whomever|of ours|of theirs|goodbyes?|in vain|for ever|meanwhile|moving in|ways? in(?! which\b))\b/gi

/** A sentence may continue on the next line, so a banned phrase may contain a line break and a comment mark. */
const flat = (text: string): string => text.replace(/\s*\n\s*(?:\/\/|\*|#|--)?\s*/g, ' ')

/** Inline code and code blocks of a page quote other texts: bad examples, commands, answers. */
const withoutCode = (markdown: string): string =>
  markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')

/** Files without English prose, and this file, which lists the words. */
const skipped =
  /(\.ko\.(md|ts)|\.txt|\.png|\.lock|\.sum|package-lock\.json|corpus\.json|LICENSE)$|test\/plain-english\.test\.ts$/

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !skipped.test(file) && existsSync(join(root, file)))

const textOf = (file: string): string => {
  const text = readFileSync(join(root, file), 'utf8')
  return file.endsWith('.md') ? withoutCode(text) : text
}

test('no file contains a banned word', () => {
  expect(files.length).toBeGreaterThan(500)
  const found = files.flatMap((file) =>
    [...flat(textOf(file)).matchAll(bannedWords)].map(([word]) => `${file}: ${word}`),
  )
  expect(found).toEqual([])
})

test('no comment line is longer than 110 columns', () => {
  const comment = /^\s*(?:\/\/|\/\*|\*|#|-- )/
  const long = files
    .filter((file) => /\.(ts|js|lua|py|go|mjs|sh)$/.test(file))
    .flatMap((file) =>
      textOf(file)
        .split('\n')
        .flatMap((line, index) => (comment.test(line) && line.length > 110 ? [`${file}:${index + 1}`] : [])),
    )
  expect(long).toEqual([])
})

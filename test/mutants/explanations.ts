// The guards whose removal is harmless. The decision 0048 lists them with their reasons.
import { readFileSync } from 'node:fs'
import type { Guard } from './guards.ts'

export interface Explanation {
  /** A file below `src/`. */
  file: string
  /** The condition, as `npm run mutants -- --list` prints it. */
  text: string
  explains(guard: Guard): boolean
}

const page = new URL('../../docs/decisions/0048-mutants.md', import.meta.url)

/** Rows such as `` | `oauth/token.ts` | `a === b` | reason | ``. A table needs `\|` for `|`. */
const row = /^\| `([^`]+\.ts)` \| `([^`]+)` \| \S.* \|$/gm

export const explanations = (): Explanation[] =>
  [...readFileSync(page, 'utf8').matchAll(row)].map(([, file = '', escaped = '']) => {
    const text = escaped.replaceAll('\\|', '|')
    return {
      file,
      text,
      explains: (guard) => guard.id.startsWith(`src/${file}:`) && guard.text === text,
    }
  })

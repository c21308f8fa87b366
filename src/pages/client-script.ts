// The browser's half of a page, kept as real JavaScript files beside it. Read once, when the room is imported.
import { readFileSync } from 'node:fs'
import { type Html, raw } from './html.ts'

/** One of our own `*.client.js` files, to be inlined under the page's nonce. */
export const clientScript = (name: 'playground' | 'reveal-password'): Html =>
  raw(readFileSync(new URL(`./${name}.client.js`, import.meta.url), 'utf8').trim())

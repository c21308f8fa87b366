// The browser's half of a page: a real JavaScript file beside the page that uses it.
import { readFileSync } from 'node:fs'
import { type Html, raw } from './html.ts'

/** The text of a `*.client.js` file, to be inlined under the page's nonce. Call it once, when the module loads. */
export const clientScript = (file: URL): Html => raw(readFileSync(file, 'utf8').trim())

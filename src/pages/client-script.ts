// The script of a page: plain JavaScript files (`*.client.js`) beside the page that uses them.
import { readFileSync } from 'node:fs'
import { type Html, raw } from './html.ts'

/**
 * The text of a `*.client.js` file, to be inlined with the page's nonce. Call it once, when the module loads.
 */
export const clientScript = (file: URL): Html => raw(readFileSync(file, 'utf8').trim())

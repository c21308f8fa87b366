// The script of a page: plain JavaScript files (`*.client.js`) beside the page that uses them.
import { readFileSync } from 'node:fs'
import { type Html, raw } from './html.ts'

/**
 * The files as one script, to be inlined with the page's nonce. They share their top-level names. Call it
 * once, when the module loads.
 */
export const clientScript = (...files: readonly URL[]): Html =>
  raw(files.map((file) => readFileSync(file, 'utf8').trim()).join('\n'))

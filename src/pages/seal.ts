// The seal (도장), drawn with strokes, so that it needs no font. It is decoration and hidden from screen
// readers.
import { type Html, html, raw } from './html.ts'

/** An outline that looks cut by hand: no side is quite straight. */
const square =
  'M6.5 3.6 20 2.9l17 .5 16.4-.4c3.4-.1 5.6 1.5 5.8 5l.5 14.4-.4 16 .3 14.9c0 3.9-1.9 6.1-5.6 6.3l-15.2.4-17.6-.3-13.6.4c-3.6.1-5.4-1.8-5.6-5.4L1.5 39l.4-16.5-.3-13.6c0-3.3 1.5-5.1 4.9-5.3z'

const dojang =
  'M48.4 9.6H15.8v8.6h32.6M32 18.4v6.4M10.4 26h43.4M11.6 33h22.2M22.6 33.4c-1 4.4-4.6 8-11 9.6M24 38.2c1.6 2.6 4.6 4.2 9.2 5M45.2 32v14.2M45.4 38.6h8.4'

const round =
  'M32.4 2.6c16.8 0 29.2 12 29.2 29.2 0 17.4-12.6 29.6-29.4 29.6C15 61.4 2.5 49.4 2.5 32.2 2.5 14.8 15.2 2.6 32.4 2.6z'

/** The mark of the service: 도장, carved white into vermilion. */
export const sealMark = (className: string): Html =>
  html`<svg class="${className}" viewBox="0 0 64 64" aria-hidden="true" focusable="false"><path class="seal-ink" d="${square}"/><path class="seal-cut" fill="none" stroke-width="3.9" stroke-linecap="square" d="${dojang}"/><ellipse class="seal-cut" cx="30" cy="53.2" rx="13.4" ry="4" fill="none" stroke-width="3.7"/></svg>`

/** 인, the round seal under a document, in relief. */
export const sealIn = (className: string): Html =>
  html`<svg class="${className}" viewBox="0 0 64 64" aria-hidden="true" focusable="false"><path class="seal-rim" fill="none" stroke-width="4" d="${round}"/><circle class="seal-relief" cx="24.4" cy="24.6" r="8.2" fill="none" stroke-width="4.6"/><path class="seal-relief" fill="none" stroke-width="4.6" stroke-linecap="square" d="M44.6 14v22.4M17.6 39.6v8.6h29"/></svg>`

/** A tick for the pages of another brand, in the place of 도장. */
export const tickMark = (className: string): Html =>
  html`<svg class="${className}" viewBox="0 0 64 64" aria-hidden="true" focusable="false"><rect class="seal-ink" width="64" height="64"/><path fill="none" stroke="var(--on-seal)" stroke-width="6" d="M17 33l10.5 10.5L47 22"/></svg>`

/** A tick for the pages of another brand, in the place of 인. */
export const tickIn = (className: string): Html =>
  html`<svg class="${className}" viewBox="0 0 64 64" aria-hidden="true" focusable="false"><circle class="seal-rim" cx="32" cy="32" r="29" fill="none" stroke-width="4"/><path class="seal-relief" fill="none" stroke-width="5.5" d="M18.5 33L28 42.5 46 23"/></svg>`

/** The favicon as a data URI, so that the page loads nothing else. */
export const sealIcon: Html = raw(
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><path fill="#c2321e" d="${square}"/><path fill="none" stroke="#fff" stroke-width="3.9" stroke-linecap="square" d="${dojang}"/><ellipse cx="30" cy="53.2" rx="13.4" ry="4" fill="none" stroke="#fff" stroke-width="3.7"/></svg>`).replaceAll("'", '%27')}`,
)

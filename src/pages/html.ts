// Escaped HTML. Owns the tagged template of every page: it escapes each interpolated value that is not Html.
const markup = Symbol('markup')

/** Markup that is safe to place into a page as it is. Made only by `html` and `raw`. */
export interface Html {
  readonly [markup]: string
}

export type Part = Html | string | number | undefined | null | false | readonly Part[]

const isHtml = (part: object): part is Html => Object.hasOwn(part, markup)

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

/** Safe as text and inside a quoted attribute. Our templates quote every attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"'`]/g, (sign) => entities[sign] ?? '')

const show = (part: Part): string => {
  if (part === undefined || part === null || part === false) return ''
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return isHtml(part) ? part[markup] : part.map(show).join('')
}

/** Unescaped markup. Use it only for our own constants (CSS, JavaScript, SVG), never for input. */
export const raw = (constant: string): Html => ({ [markup]: constant })

/** Escapes interpolated values, joins arrays, and leaves out `undefined`, `null` and `false`. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  raw(texts.reduce((page, text, index) => page + show(parts[index - 1]) + text))

export const render = (page: Html): string => page[markup]

// The parts of every form: a labelled field with its hint and error, hidden values, alerts, links.
import { type Html, html, type Part } from './html.ts'
import { type Language, otherLanguage } from './language.ts'
import { type StrengthMeter, strengthMeter } from './strength-meter.ts'
import { texts } from './texts.ts'

export interface Field {
  id: string
  /** The form field's name; the id when absent. */
  name?: string
  label: string
  type?: 'text' | 'email' | 'password'
  value?: string | undefined
  autocomplete: 'username' | 'current-password' | 'new-password' | 'name' | 'email'
  inputmode?: 'email'
  optional?: boolean
  autofocus?: boolean
  hint?: string
  error?: string | undefined
  /** The id of an alert elsewhere on the page that is about this field. */
  describedBy?: string | undefined
  /** Makes the field one for a new password. */
  meter?: StrengthMeter
}

/** A labelled input. Its `aria-describedby` names its error (WCAG 3.3.1). */
export const field = (lang: Language, options: Field): Html => {
  const t = texts(lang)
  const { id, error, hint, describedBy, meter, type = 'text' } = options
  const described = [describedBy, error && `${id}-error`, hint && `${id}-hint`, meter && `${id}-strength`]
    .filter(Boolean)
    .join(' ')
  const invalid = Boolean(error) || describedBy !== undefined
  const attributes: Part = [
    options.inputmode && html` inputmode="${options.inputmode}"`,
    meter && html` minlength="${meter.minPasswordLength}"`,
    type !== 'password' && options.autocomplete !== 'name' && html` autocapitalize="none" spellcheck="false"`,
    type === 'password' &&
      html` data-reveal="${t.showPassword}" data-hide="${t.hidePassword}" data-reveal-label="${t.showPasswordLabel}"`,
    !options.optional && html` required`,
    options.autofocus && html` autofocus`,
    invalid && html` aria-invalid="true"`,
    described !== '' && html` aria-describedby="${described}"`,
  ]
  return html`<div class="field">
<label for="${id}">${options.label}${options.optional && html` <span class="optional">(${t.optional})</span>`}</label>
<div class="entry"><input id="${id}" name="${options.name ?? id}" type="${type}" value="${options.value ?? ''}" autocomplete="${options.autocomplete}"${attributes}></div>
${error && html`<p class="field-error" id="${id}-error" role="alert">${error}</p>`}
${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
${meter && strengthMeter(t, id, meter)}
</div>`
}

/** Hidden inputs; undefined values are left out. */
export const hidden = (values: Readonly<Record<string, string | undefined>>): Part =>
  Object.entries(values).map(
    ([name, value]) => value !== undefined && html`<input type="hidden" name="${name}" value="${value}">\n`,
  )

/** The result of the last action. */
export const notice = (message: string | undefined): Part =>
  message !== undefined && html`<div class="notice" role="status"><p>${message}</p></div>`

/** The result of something that the user chose, such as to cancel. It is neither a success nor an error. */
export const remark = (message: string | undefined): Part =>
  message !== undefined && html`<div class="remark" role="status"><p>${message}</p></div>`

export const alert = (id: string, message: string | undefined): Part =>
  message !== undefined && html`<div class="alert" id="${id}" role="alert"><p>${message}</p></div>`

/** A sentence of the texts, with markup in place of its `{blanks}`. */
export const sentence = (text: string, blanks: Readonly<Record<string, Html>>): Html =>
  html`${text.split(/\{(\w+)\}/).map((part, index) => (index % 2 === 0 ? part : blanks[part]))}`

/** A sentence in which the name of the app stands out. */
export const sentenceAboutApp = (text: string, client: string): Html =>
  sentence(text, { client: html`<strong>${client}</strong>` })

/** A path with a query string; undefined parameters are left out. */
export const link = (path: string, params: Readonly<Record<string, string | undefined>>): string => {
  const query = new URLSearchParams(
    Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString()
  return query === '' ? path : `${path}?${query}`
}

/** A link below a form, to another way on. */
export const asideLink = (
  path: string,
  params: Readonly<Record<string, string | undefined>>,
  words: string,
): Html => html`<p class="aside"><a href="${link(path, params)}">${words}</a></p>`

/** The path of the same page in the other language. */
export const otherLanguageLink = (
  lang: Language,
  path: string,
  params: Readonly<Record<string, string | undefined>> = {},
): string => link(path, { ...params, ui_locales: otherLanguage(lang) })

import { duration } from './duration.ts'
import { html } from './html.ts'
import type { Language } from './language.ts'
import { layout } from './layout.ts'
import type { Texts } from './texts.en.ts'
import { texts } from './texts.ts'

export type ErrorKind = keyof Texts['error']['kinds']

export interface ErrorView {
  lang: Language
  nonce: string
  kind: ErrorKind
  /** Under which the log knows this request. */
  requestId?: string
  /** Our own sentence for the app's developer, never a parameter as it came. */
  detail?: string
  retryAfterSeconds?: number
}

/** What happened, in plain words, and the way on. */
export const errorPage = (view: ErrorView): string => {
  const { lang, nonce, kind, retryAfterSeconds } = view
  const t = texts(lang)
  const { title, text, next } = t.error.kinds[kind]
  const way = retryAfterSeconds === undefined ? next : t.retryIn(duration(lang, retryAfterSeconds))
  const body = html`<h1>${title}</h1>
<p class="lede">${text}</p>
<p class="lede"><strong>${way}</strong></p>
${view.detail !== undefined && html`<p class="reference">${t.error.detail}<br><code lang="en">${view.detail}</code></p>`}
${view.requestId !== undefined && html`<p class="reference">${t.error.reference}<br><code>${view.requestId}</code></p>`}`
  return layout({ lang, nonce, title, body, phrase: 'told' })
}

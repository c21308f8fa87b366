// Tells the user what went wrong on a hosted route, and what to do next.
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
  /** The id of this request in the log. */
  requestId?: string
  /** Our own sentence for the app's developer, never a parameter of the request. */
  detail?: string
  retryAfterSeconds?: number
}

export const errorPage = (view: ErrorView): string => {
  const { lang, nonce, kind, retryAfterSeconds } = view
  const t = texts(lang)
  const { title, text, next } = t.error.kinds[kind]
  const advice = retryAfterSeconds === undefined ? next : t.retryIn(duration(lang, retryAfterSeconds))
  const body = html`<h1>${title}</h1>
<p class="lede">${text}</p>
<p class="lede"><strong>${advice}</strong></p>
${view.detail !== undefined && html`<p class="reference">${t.error.detail}<br><code lang="en">${view.detail}</code></p>`}
${view.requestId !== undefined && html`<p class="reference">${t.error.reference}<br><code>${view.requestId}</code></p>`}`
  return layout({ lang, nonce, title, body, phrase: 'notified' })
}

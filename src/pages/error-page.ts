// Tells the user what went wrong on a hosted route, and what to do next.
import { clientScript } from './client-script.ts'
import { duration } from './duration.ts'
import { link, otherLanguageLink } from './fields.ts'
import { html, type Part } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import type { Texts } from './texts.en.ts'
import { texts } from './texts.ts'

export type ErrorKind = keyof Texts['error']['kinds']

export interface ErrorView extends PageFrame {
  kind: ErrorKind
  /** The id of this request in the log. */
  requestId?: string
  /** Our own sentence for the app's developer, never a parameter of the request. */
  detail?: string
  retryAfterSeconds?: number
  /** Nobody can reload the answer to a form, or get it in the other language. */
  answersForm: boolean
}

/** The same request may succeed a little later. */
const passing: readonly ErrorKind[] = ['unavailable', 'server_error', 'throttled']

/** The text warns of the page before. */
const suspect: readonly ErrorKind[] = ['unknown_client', 'bad_redirect']

/** The operator does not need the reference, so it does not stand out. */
const usual: readonly ErrorKind[] = ['not_found', 'throttled']

/** The first button needs JavaScript. It reloads the page, or returns to the app or to the form. */
const firstButton = ({ lang, kind, answersForm }: ErrorView): Part => {
  // The form before an expired answer is expired too.
  if (suspect.includes(kind) || (kind === 'expired' && answersForm)) return undefined
  const { again, back } = texts(lang).error
  const isPassing = passing.includes(kind)
  const go = isPassing && !answersForm ? 'reload' : 'back'
  // A user who has to wait is not invited to try now.
  return html`<button class="button${kind === 'throttled' && ' plain'}" type="button" data-go="${go}" hidden>${isPassing ? again : back}</button>
`
}

const script = clientScript(new URL('./error-page.client.js', import.meta.url))

export const errorPage = (view: ErrorView): string => {
  const { lang, kind, retryAfterSeconds } = view
  const t = texts(lang)
  const { title, text, next } = t.error.kinds[kind]
  const wait = retryAfterSeconds !== undefined && kind === 'throttled' ? Math.max(60, retryAfterSeconds) : 0
  const advice = wait > 0 ? t.retryIn(duration(lang, wait)) : next
  const body = html`<h1>${title}</h1>
<p class="lede">${text}</p>
<p class="lede"><strong>${advice}</strong></p>
<div class="steps">
${firstButton(view)}<a class="button plain" href="${link('/account', { ui_locales: lang })}">${t.error.account}</a>
</div>
${view.detail !== undefined && html`<p class="reference">${t.error.detail}<br><code lang="en">${view.detail}</code></p>`}
${view.requestId !== undefined && html`<p class="reference">${t.error.reference}<br><code${!usual.includes(kind) && html` class="reference-id"`}>${view.requestId}</code></p>`}`
  return layout(view, {
    title,
    body,
    sheet: 'open',
    script,
    languageHref: view.answersForm ? undefined : otherLanguageLink(lang, ''),
  })
}

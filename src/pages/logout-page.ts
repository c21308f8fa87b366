// Asks before signing out, and confirms it.
import { hidden } from './fields.ts'
import { html } from './html.ts'
import type { Language } from './language.ts'
import { layout } from './layout.ts'
import { texts } from './texts.ts'

export interface LogoutView {
  lang: Language
  nonce: string
  /** The parameters of the request to /end-session. The confirmation sends them again. */
  params: Readonly<Record<string, string>>
}

const carriedParams = [
  'post_logout_redirect_uri',
  'state',
  'client_id',
  'id_token_hint',
  'ui_locales',
] as const

/** A link alone must not end a session (OIDC RP-Initiated Logout §2). Posts to /end-session. */
export const logoutPage = ({ lang, nonce, params }: LogoutView): string => {
  const t = texts(lang)
  const carried = carriedParams.map((name) => [name, Object.hasOwn(params, name) ? params[name] : undefined])
  const body = html`<h1>${t.logout.title}</h1>
<p class="lede">${t.logout.text}</p>
<form class="form" method="post" action="/end-session">
${hidden({ ...Object.fromEntries(carried), confirm: 'yes' })}
<button class="button" type="submit">${t.logout.confirm}</button>
</form>`
  return layout({ lang, nonce, title: t.logout.title, body, phrase: 'ended' })
}

/** Shown after a logout without a redirect URI. */
export const loggedOutPage = ({ lang, nonce }: Pick<LogoutView, 'lang' | 'nonce'>): string => {
  const t = texts(lang)
  const body = html`<h1>${t.logout.doneTitle}</h1>
<p class="lede">${t.logout.doneText}</p>`
  return layout({ lang, nonce, title: t.logout.doneTitle, body, phrase: 'ended' })
}

// Asks before signing out, and confirms it.
import { hidden, link, otherLanguageLink } from './fields.ts'
import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { texts } from './texts.ts'

export interface LogoutView extends PageFrame {
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
export const logoutPage = (view: LogoutView): string => {
  const { lang, params } = view
  const t = texts(lang)
  const carried = carriedParams.map((name) => [name, Object.hasOwn(params, name) ? params[name] : undefined])
  const query: Record<string, string | undefined> = Object.fromEntries(carried)
  const body = html`<h1>${t.logout.title}</h1>
<p class="lede">${t.logout.text}</p>
<form class="form" method="post" action="/end-session">
${hidden({ ...query, confirm: 'yes' })}
<button class="button" type="submit">${t.logout.confirm}</button>
</form>
<p class="form"><a class="button plain" href="${link('/account', { ui_locales: lang })}">${t.logout.stay}</a></p>`
  // An ID token does not belong in a link.
  const languageHref =
    query.id_token_hint === undefined ? otherLanguageLink(lang, '/end-session', query) : undefined
  return layout(view, { title: t.logout.title, body, sheet: 'open', languageHref })
}

export interface LoggedOutView extends PageFrame {
  /** False if this browser may still have a session, because the request came without its cookies. */
  isSignedOut: boolean
}

/** Shown after a logout without a redirect URI. */
export const loggedOutPage = (view: LoggedOutView): string => {
  const { lang, isSignedOut } = view
  const t = texts(lang)
  const body = html`<h1>${t.logout.doneTitle}</h1>
<p class="lede">${t.logout.doneText}</p>
<div class="steps"><a class="button plain" href="${link('/login', { ui_locales: lang })}">${t.logout.again}</a></div>`
  // A GET shows the same page if nobody is signed in. Otherwise it asks whether to sign out.
  const languageHref = isSignedOut ? otherLanguageLink(lang, '/end-session') : undefined
  return layout(view, { title: t.logout.doneTitle, body, sheet: 'sealed', languageHref })
}

// Signing in: a password form and one button for each provider.
import { duration } from './duration.ts'
import { alert, field, hidden, link, notice, otherLanguageLink } from './fields.ts'
import { html } from './html.ts'
import type { Language } from './language.ts'
import { layout } from './layout.ts'
import { providerButtons, providerProblemText } from './provider-buttons.ts'
import { revealPasswordScript } from './reveal-password.ts'
import type { Texts } from './texts.en.ts'
import { texts } from './texts.ts'

export type LoginProblem =
  | 'wrong_credentials'
  /** A field is empty. */
  | 'empty'
  | 'throttled'
  | 'expired'
  | 'unavailable'
  | 'untrusted'
  /** A sign-in at a provider failed. */
  | { provider?: string; what: string }

export type LoginNotice = keyof Texts['login']['notices']

export interface LoginView {
  lang: Language
  nonce: string
  /** The parked authorization request that continues after the sign-in. */
  requestId?: string
  clientName?: string
  /** The text that the user typed, or `login_hint`. */
  login?: string
  problem?: LoginProblem
  /** The user comes from a page that changed the account. */
  notice?: LoginNotice
  retryAfterSeconds?: number
  /** True if a user who forgot the password can get a link. */
  mail: boolean
  /** True if users may create accounts themselves. */
  registration: boolean
  /** The user is signed in and must authenticate again (`prompt=login`, `max_age`). */
  reauthenticate?: boolean
  /** Ids of the configured providers. */
  providers: readonly string[]
}

/** Too many attempts; with the time to wait, if it is known. */
export const throttledText = (lang: Language, t: Texts, seconds: number | undefined): string =>
  `${t.throttled} ${seconds === undefined ? t.retryLater : t.retryIn(duration(lang, seconds))}`

const problemText = ({ lang, problem, retryAfterSeconds }: LoginView, t: Texts): string | undefined => {
  if (typeof problem === 'object') return providerProblemText(lang, problem.what, problem.provider)
  switch (problem) {
    case undefined:
      return undefined
    case 'wrong_credentials':
      return t.login.wrongCredentials
    case 'empty':
      return t.login.empty
    case 'throttled':
      return throttledText(lang, t, retryAfterSeconds)
    default:
      return t[problem]
  }
}

/** Posts to /login/password and /login/<provider>. */
export const loginPage = (view: LoginView): string => {
  const { lang, nonce, requestId, login, problem, providers } = view
  const t = texts(lang)
  const carried = hidden({ request: requestId, ui_locales: lang })
  const problemId = problem === 'wrong_credentials' || problem === 'empty' ? 'problem' : undefined
  const body = html`<h1>${view.reauthenticate ? t.login.again : t.login.title}</h1>
${view.reauthenticate && html`<p class="lede">${t.login.againText}</p>`}
${view.clientName !== undefined && html`<p class="lede">${t.login.continueTo} <strong>${view.clientName}</strong></p>`}
${notice(view.notice && t.login.notices[view.notice])}
${alert('problem', problemText(view, t))}
<form class="form" method="post" action="/login/password" novalidate>
${carried}
${field(lang, { id: 'login', label: t.fields.login, value: login, autocomplete: 'username', inputmode: 'email', autofocus: !login, describedBy: problemId })}
${field(lang, { id: 'password', label: t.fields.password, type: 'password', autocomplete: 'current-password', autofocus: Boolean(login), describedBy: problemId })}
<button class="button" type="submit">${t.login.submit}</button>
</form>
${view.mail && html`<p class="aside"><a href="${link('/forgot-password', { request: requestId, ui_locales: lang })}">${t.forgot.link}</a></p>`}
${
  providers.length > 0 &&
  html`<p class="or">${t.login.or}</p>
${providerButtons(lang, providers, { request: requestId, ui_locales: lang })}`
}
${view.registration && html`<p class="aside">${t.login.noAccount} <a href="${link('/register', { request: requestId, ui_locales: lang })}">${t.login.register}</a></p>`}`
  return layout({
    lang,
    nonce,
    title: t.login.title,
    body,
    phrase: 'confirmed',
    script: revealPasswordScript,
    languageHref: otherLanguageLink(lang, '/login', { request: requestId }),
  })
}

// Signing in: a password form and one button for each provider.
import { duration } from './duration.ts'
import {
  alert,
  asideLink,
  field,
  hidden,
  notice,
  otherLanguageLink,
  remark,
  sentenceAboutApp,
} from './fields.ts'
import { type Html, html, type Part } from './html.ts'
import type { Language } from './language.ts'
import { layout, type PageFrame } from './layout.ts'
import { providerButtons, providerProblemText } from './provider-buttons.ts'
import { revealPasswordScript } from './reveal-password.ts'
import type { Texts } from './texts.en.ts'
import { texts } from './texts.ts'

export type LoginProblem =
  | 'wrong_credentials'
  /** One field or both are empty. */
  | 'no_login'
  | 'no_password'
  | 'empty'
  | 'throttled'
  | 'expired'
  | 'unavailable'
  | 'untrusted'
  /** A sign-in at a provider failed. */
  | { provider?: string; what: string }

export type LoginNotice = keyof Texts['login']['notices']

export interface LoginView extends PageFrame {
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

/** The parameters that every link and form of the page carries. */
type Carried = Readonly<Record<string, string | undefined>>

/** Too many attempts; with the time to wait in whole minutes, if it is known. */
export const throttledText = (lang: Language, t: Texts, seconds: number | undefined): string =>
  `${t.throttled} ${seconds === undefined ? t.retryLater : t.retryIn(duration(lang, Math.max(60, seconds)))}`

const isMissing = (problem: LoginProblem | undefined) => ({
  login: problem === 'no_login' || problem === 'empty',
  password: problem === 'no_password' || problem === 'empty',
})

/** The user chose these, so they are no errors. */
const chosen = ['provider_cancelled', 'reauthenticate']

/** A problem that concerns the whole page. */
const pageMessage = ({ lang, problem }: LoginView, t: Texts): Part => {
  if (typeof problem === 'object') {
    const words = providerProblemText(lang, problem.what, problem.provider)
    return chosen.includes(problem.what) ? remark(words) : alert('problem', words)
  }
  const isGeneral = problem === 'expired' || problem === 'unavailable' || problem === 'untrusted'
  return isGeneral && alert('problem', t[problem])
}

/** A problem of the password form stands at the form, below the buttons of the providers. */
const formMessage = ({ lang, problem, retryAfterSeconds }: LoginView, t: Texts): Part => {
  if (problem === 'throttled') return alert('problem', throttledText(lang, t, retryAfterSeconds))
  return problem === 'wrong_credentials' && alert('problem', t.login.wrongCredentials)
}

const passwordForm = (view: LoginView, t: Texts): Html => {
  const { lang, login, problem, requestId, providers, notice: done } = view
  const missing = isMissing(problem)
  const describedBy = problem === 'wrong_credentials' ? 'problem' : undefined
  // The focus must not scroll past the buttons of the providers.
  const isAboutForm = typeof problem === 'string'
  const mayFocus = providers.length === 0 || isAboutForm || Boolean(login) || done !== undefined
  const atPassword = Boolean(login) && !missing.login
  return html`${formMessage(view, t)}
<form class="form" method="post" action="/login/password" novalidate>
${hidden({ request: requestId, ui_locales: lang })}
${field(lang, { id: 'login', label: t.fields.login, value: login, autocomplete: 'username', inputmode: 'email', autofocus: mayFocus && !atPassword, describedBy, error: missing.login ? t.login.noLogin : undefined })}
${field(lang, { id: 'password', label: t.fields.password, type: 'password', autocomplete: 'current-password', autofocus: mayFocus && atPassword, describedBy, error: missing.password ? t.login.noPassword : undefined })}
<button class="button" type="submit">${t.login.submit}</button>
</form>`
}

/** Says why the user signs in. The remark `reauthenticate` already says it. */
const purpose = ({ clientName, reauthenticate, problem }: LoginView, t: Texts): Part => {
  const { againTo, continueTo, againText } = t.login
  if (clientName !== undefined)
    return html`<p class="lede">${sentenceAboutApp(reauthenticate ? againTo : continueTo, clientName)}</p>`
  const isSaid = typeof problem === 'object' && problem.what === 'reauthenticate'
  return reauthenticate && !isSaid && html`<p class="lede">${againText}</p>`
}

/** The providers come first. After a notice the user has a password or an address to sign in with. */
const loginMethods = (view: LoginView, t: Texts, carried: Carried): Part => {
  const { lang, providers } = view
  const form = passwordForm(view, t)
  if (providers.length === 0) return form
  const buttons = providerButtons(lang, providers, carried)
  return view.notice
    ? [form, html`<p class="or">${t.login.orProvider}</p>`, buttons]
    : [buttons, html`<p class="or">${t.login.or}</p>`, form]
}

const asides = ({ mail, registration, reauthenticate }: LoginView, t: Texts, carried: Carried): Part => {
  const links = [
    mail && asideLink('/forgot-password', carried, t.forgot.link),
    registration && !reauthenticate && asideLink('/register', carried, t.login.register),
  ]
  return links.some(Boolean) && html`<div class="asides">${links}</div>`
}

/** Posts to /login/password and /login/<provider>. */
export const loginPage = (view: LoginView): string => {
  const { lang, requestId } = view
  const t = texts(lang)
  const carried = { request: requestId, ui_locales: lang }
  const body = html`<h1>${view.reauthenticate ? t.login.again : t.login.title}</h1>
${purpose(view, t)}
${notice(view.notice && t.login.notices[view.notice])}
${pageMessage(view, t)}
${loginMethods(view, t, carried)}
${asides(view, t, carried)}`
  return layout(view, {
    title: t.login.title,
    body,
    sheet: 'open',
    script: revealPasswordScript,
    languageHref: otherLanguageLink(lang, '/login', { request: requestId }),
  })
}

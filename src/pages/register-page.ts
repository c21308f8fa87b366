// The page that creates an account with an e-mail address and a password.
import { alert, field, hidden, link, otherLanguageLink } from './fields.ts'
import { html } from './html.ts'
import type { Language } from './language.ts'
import { layout } from './layout.ts'
import { throttledText } from './login-page.ts'
import { type PasswordProblem, passwordProblemText } from './password-problem.ts'
import { revealPasswordScript } from './reveal-password.ts'
import { type ShownStrength, strengthScriptPath } from './strength-meter.ts'
import { texts } from './texts.ts'

export type RegisterProblem =
  | 'email_invalid'
  | 'email_taken'
  | 'username_invalid'
  | 'username_taken'
  | 'name_invalid'
  | PasswordProblem
  | 'throttled'
  | 'unavailable'
  | 'untrusted'
  | 'expired'

export interface RegisterView {
  lang: Language
  nonce: string
  requestId?: string
  email?: string
  username?: string
  name?: string
  problems: readonly RegisterProblem[]
  minPasswordLength: number
  /** The estimate of the password that was sent. */
  strength?: ShownStrength
  /** The names of the service. */
  serviceNames: readonly string[]
  retryAfterSeconds?: number
}

/**
 * Posts to /register. The username field appears only if the request had a username or its username was
 * rejected.
 */
export const registerPage = (view: RegisterView): string => {
  const { lang, nonce, requestId, problems, minPasswordLength, strength, serviceNames } = view
  const t = texts(lang)
  const first = <K extends RegisterProblem>(sentences: Readonly<Record<K, string>>): string | undefined => {
    const known = problems.find((problem): problem is K => Object.hasOwn(sentences, problem))
    return known && sentences[known]
  }
  const general = first({
    throttled: throttledText(lang, t, view.retryAfterSeconds),
    unavailable: t.unavailable,
    untrusted: t.untrusted,
    expired: t.expired,
  })
  const email = first({ email_invalid: t.register.emailInvalid, email_taken: t.register.emailTaken })
  const username = first({
    username_invalid: t.register.usernameInvalid,
    username_taken: t.register.usernameTaken,
  })
  const name = first({ name_invalid: t.register.nameInvalid })
  const password = problems.map((problem) => passwordProblemText(t, problem, minPasswordLength)).find(Boolean)
  const body = html`<h1>${t.register.title}</h1>
${alert('problem', general)}
<form class="form" method="post" action="/register" novalidate>
${hidden({ request: requestId, ui_locales: lang })}
${field(lang, { id: 'email', label: t.fields.email, type: 'email', value: view.email, autocomplete: 'email', inputmode: 'email', autofocus: email !== undefined || password === undefined, error: email })}
${
  (view.username !== undefined || username !== undefined) &&
  field(lang, {
    id: 'username',
    label: t.fields.username,
    value: view.username,
    autocomplete: 'username',
    optional: true,
    error: username,
  })
}
${field(lang, { id: 'name', label: t.fields.name, value: view.name, autocomplete: 'name', optional: true, error: name })}
${field(lang, { id: 'password', label: t.fields.password, type: 'password', autocomplete: 'new-password', meter: { minPasswordLength, names: serviceNames, strength, rejected: password !== undefined }, hint: t.password.hint(minPasswordLength), autofocus: password !== undefined && email === undefined, error: password })}
<button class="button" type="submit">${t.register.submit}</button>
</form>
<p class="aside">${t.register.haveAccount} <a href="${link('/login', { request: requestId, ui_locales: lang })}">${t.register.login}</a></p>`
  return layout({
    lang,
    nonce,
    title: t.register.title,
    body,
    phrase: 'registered',
    script: revealPasswordScript,
    scriptPath: strengthScriptPath,
    languageHref: otherLanguageLink(lang, '/register', { request: requestId }),
  })
}

/**
 * After a sign-up, if the installation sends mail. It is the same for a new account and an address in use.
 */
export const registrationSentPage = (view: Pick<RegisterView, 'lang' | 'nonce' | 'requestId'>): string => {
  const { lang, nonce, requestId } = view
  const { forgot, register: t } = texts(lang)
  const carried = { request: requestId, ui_locales: lang }
  const body = html`<h1>${forgot.sentTitle}</h1>
<p class="lede">${t.sent}</p>
<p class="note">${forgot.notFound}</p>
<div class="after-rows"><a class="button" href="${link('/login', carried)}">${t.login}</a></div>`
  return layout({
    lang,
    nonce,
    title: forgot.sentTitle,
    body,
    phrase: 'notified',
    languageHref: otherLanguageLink(lang, '/register', { sent: 'yes', request: requestId }),
  })
}

// The page that creates an account with an e-mail address and a password.
import {
  alert,
  asideLink,
  field,
  hidden,
  link,
  otherLanguageLink,
  sentence,
  sentenceAboutApp,
} from './fields.ts'
import { html, type Part } from './html.ts'
import { documentLink, layout, type PageFrame } from './layout.ts'
import { throttledText } from './login-page.ts'
import { type PasswordProblem, passwordProblemText } from './password-problem.ts'
import { providerButtons } from './provider-buttons.ts'
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

export interface RegisterView extends PageFrame {
  requestId?: string
  /** The client whose request waits. */
  clientName?: string
  /** Ids of the configured providers. */
  providers: readonly string[]
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

/** The documents that apply to a new account. */
const agreement = ({ lang, brand }: PageFrame): Part => {
  const { documents } = texts(lang)
  const { termsUrl, privacyUrl } = brand
  if (termsUrl === undefined && privacyUrl === undefined) return undefined
  const { both, termsOnly, privacyOnly } = documents.agreement
  return html`<p class="small-print">${sentence(
    termsUrl && privacyUrl ? both : termsUrl ? termsOnly : privacyOnly,
    {
      terms: documentLink(termsUrl ?? '', documents.terms),
      privacy: documentLink(privacyUrl ?? '', documents.privacy),
    },
  )}</p>`
}

/**
 * Posts to /register and /login/<provider>. The username field appears only if the request had a username or
 * its username was rejected.
 */
export const registerPage = (view: RegisterView): string => {
  const { lang, requestId, clientName, providers, problems, minPasswordLength, strength, serviceNames } = view
  const t = texts(lang)
  const carried = { request: requestId, ui_locales: lang }
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
${clientName !== undefined && html`<p class="lede">${sentenceAboutApp(t.register.continueTo, clientName)}</p>`}
${alert('problem', general)}
${
  providers.length > 0 &&
  html`${providerButtons(lang, providers, carried)}
<p class="or">${t.register.or}</p>`
}
<form class="form" method="post" action="/register" novalidate>
${hidden(carried)}
${field(lang, { id: 'email', label: t.fields.email, type: 'email', value: view.email, autocomplete: 'email', inputmode: 'email', autofocus: email !== undefined || (password === undefined && providers.length === 0), error: email })}
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
${field(lang, { id: 'password', label: t.fields.password, type: 'password', autocomplete: 'new-password', meter: { minPasswordLength, names: serviceNames, strength, rejected: password !== undefined }, hint: t.password.hint(minPasswordLength), autofocus: password !== undefined && email === undefined, error: password })}
<details class="more"${(view.name || name) && html` open`}><summary>${t.register.addName}</summary>
${field(lang, { id: 'name', label: t.fields.name, value: view.name, autocomplete: 'name', optional: true, error: name })}
</details>
<button class="button" type="submit">${t.register.submit}</button>
${agreement(view)}
</form>
<p class="aside">${t.register.haveAccount} <a href="${link('/login', carried)}">${t.register.login}</a></p>`
  return layout(view, {
    title: t.register.title,
    body,
    sheet: 'open',
    script: revealPasswordScript,
    scriptPath: strengthScriptPath,
    languageHref: otherLanguageLink(lang, '/register', { request: requestId }),
  })
}

/**
 * After a sign-up, if the installation sends mail. It is the same for a new account and an address in use.
 */
export const registrationSentPage = (view: PageFrame & Pick<RegisterView, 'requestId'>): string => {
  const { lang, requestId } = view
  const { forgot, register: t } = texts(lang)
  const carried = { request: requestId, ui_locales: lang }
  const body = html`<h1>${forgot.sentTitle}</h1>
<p class="lede task">${t.sent}</p>
<p class="small-print">${t.notFound}</p>
${asideLink('/login', carried, forgot.back)}`
  return layout(view, {
    title: forgot.sentTitle,
    body,
    sheet: 'open',
    languageHref: otherLanguageLink(lang, '/register', { sent: 'yes', request: requestId }),
  })
}

// Asks the user to sign in to an existing account before a provider is linked to it.
import { alert, asideLink, field, hidden, otherLanguageLink } from './fields.ts'
import { type Html, html, type Part } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { throttledText } from './login-page.ts'
import { providerButtons, providerName } from './provider-buttons.ts'
import { revealPasswordScript } from './reveal-password.ts'
import type { Texts } from './texts.en.ts'
import { texts } from './texts.ts'

export interface LinkView extends PageFrame {
  confirmationId: string
  requestId?: string
  /** The provider to link. */
  provider: string
  /** The e-mail address of the existing account. */
  email: string
  /** Other providers that can confirm the account. */
  providers: readonly string[]
  /** True if a user who forgot the password can get a link. */
  mail: boolean
  /** The user owns the e-mail address, and the account never verified it. */
  mayTakeOver: boolean
  /** The user may create a new account without the e-mail address. */
  mayStayApart: boolean
  problem?:
    | 'no_password'
    | 'wrong_password'
    | 'throttled'
    | 'other_account'
    | 'identity_taken'
    | 'not_sure'
    | 'not_yours_to_take_over'
  retryAfterSeconds?: number
}

/** A problem of the password stands at its field. */
const passwordError = (problem: LinkView['problem'], t: Texts): string | undefined => {
  if (problem === 'no_password') return t.login.noPassword
  return problem === 'wrong_password' ? t.link.problems.wrong_password : undefined
}

const problemText = ({ lang, problem, provider, retryAfterSeconds }: LinkView, t: Texts) => {
  switch (problem) {
    case 'throttled':
      return throttledText(lang, t, retryAfterSeconds)
    case 'identity_taken':
      return t.provider.problems.identity_taken(providerName(lang, provider))
    case 'other_account':
    case 'not_yours_to_take_over':
      return t.link.problems[problem]
    default:
      return undefined
  }
}

/** Nothing of the account's creator stays, so the user ticks a box first (F10 in docs/security.md). */
const takeOver = ({ mayTakeOver, problem }: LinkView, t: Texts, carried: Part): Part => {
  if (!mayTakeOver) return undefined
  const error = problem === 'not_sure'
  return html`<section class="other-way" aria-labelledby="take-over"><h2 id="take-over">${t.link.takeOverTitle}</h2>
<p>${t.link.takeOverText}</p>
<p class="note">${t.link.takeOverRemoves}</p>
<form method="post" action="/login/link" novalidate>${carried}
<label class="check" for="sure"><input id="sure" name="sure" type="checkbox" value="yes" required${error && html` autofocus aria-invalid="true" aria-describedby="sure-error"`}>${t.deleteAccount.sure}</label>
${error && html`<p class="field-error" id="sure-error" role="alert">${t.deleteAccount.sureMissing}</p>`}
<button class="button danger" type="submit">${t.link.takeOver}</button>
</form></section>`
}

const asides = ({ lang, requestId, mail }: LinkView, t: Texts): Html => {
  const carried = { request: requestId, ui_locales: lang }
  const forgot = mail && asideLink('/forgot-password', carried, t.forgot.link)
  return html`<div class="asides">${forgot}${asideLink('/login', carried, t.forgot.back)}</div>`
}

/**
 * The other providers come first, because many accounts have no password. The page does not say which of them
 * the account has, because the user is perhaps not its owner. Posts to /login/link. `way` says which of the
 * three choices the user made.
 */
export const linkPage = (view: LinkView): string => {
  const { lang, confirmationId, requestId, provider, email, providers, problem } = view
  const t = texts(lang)
  const name = providerName(lang, provider)
  const carried = { confirmation: confirmationId, ui_locales: lang }
  const error = passwordError(problem, t)
  const body = html`<h1>${t.link.title}</h1>
<p class="lede">${t.link.text(name)}</p>
<p class="lede address"><strong>${email}</strong></p>
${alert('problem', problemText(view, t))}
${
  providers.length > 0 &&
  html`${providerButtons(lang, providers, { ...carried, request: requestId })}
<p class="or">${t.link.or}</p>`
}
<form class="form" method="post" action="/login/link" novalidate>
${hidden({ ...carried, way: 'password' })}
<input type="text" name="username" value="${email}" autocomplete="username" hidden>
${field(lang, { id: 'password', label: t.fields.password, type: 'password', autocomplete: 'current-password', autofocus: (providers.length === 0 && problem !== 'not_sure') || error !== undefined, error })}
<button class="button" type="submit">${t.link.submit(name)}</button>
</form>
${asides(view, t)}
${takeOver(view, t, hidden({ ...carried, way: 'take_over' }))}
${
  view.mayStayApart &&
  html`<section class="other-way" aria-labelledby="apart"><h2 id="apart">${t.link.apartTitle}</h2>
<p>${t.link.apartText}</p>
<form method="post" action="/login/link">${hidden({ ...carried, way: 'apart' })}<button class="button plain" type="submit">${t.link.apart}</button></form></section>`
}`
  return layout(view, {
    title: t.link.title,
    body,
    sheet: 'open',
    script: revealPasswordScript,
    languageHref: otherLanguageLink(lang, '/login/link', { confirmation: confirmationId }),
  })
}

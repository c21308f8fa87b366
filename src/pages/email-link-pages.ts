// The pages that a link in a mail opens. Each asks for a click, because a mail scanner also opens links.
import { alert, asideLink, field, hidden, link, notice, otherLanguageLink } from './fields.ts'
import { type Html, html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { throttledText } from './login-page.ts'
import { type PasswordProblem, passwordProblemText } from './password-problem.ts'
import { revealPasswordScript } from './reveal-password.ts'
import { type ShownStrength, strengthScriptPath } from './strength-meter.ts'
import { texts } from './texts.ts'

export interface ResetPasswordView extends PageFrame {
  /** The address of the account. */
  email: string
  /** The address was not verified, so the reset removes identities and consents (F10 in docs/security.md). */
  removesOthers: boolean
  problem?: PasswordProblem
  minPasswordLength: number
  /** The estimate of the password that was sent. */
  strength?: ShownStrength
  /** The names of the service. */
  serviceNames: readonly string[]
}

/** Posts to /reset-password. */
export const resetPasswordPage = (view: ResetPasswordView): string => {
  const { lang, email, problem, minPasswordLength, strength, serviceNames } = view
  const t = texts(lang)
  const names = [email, ...serviceNames]
  const meter = { minPasswordLength, names, strength, rejected: problem !== undefined }
  const body = html`<h1>${t.reset.title}</h1>
<p class="lede task">${t.reset.text}</p>
<p class="lede address"><strong>${email}</strong></p>
<p class="small-print">${t.reset.warning}</p>
${view.removesOthers && html`<p class="note">${t.reset.removesOthers}</p>`}
<form class="form" method="post" action="/reset-password" novalidate>
${hidden({ ui_locales: lang })}<input type="text" name="username" value="${email}" autocomplete="username" hidden>
${field(lang, { id: 'password', label: t.fields.newPassword, type: 'password', autocomplete: 'new-password', meter, hint: t.password.hint(minPasswordLength), autofocus: true, error: problem && passwordProblemText(t, problem, minPasswordLength) })}
<button class="button" type="submit">${t.reset.submit}</button>
</form>`
  return layout(view, {
    title: t.reset.title,
    body,
    sheet: 'open',
    script: revealPasswordScript,
    scriptPath: strengthScriptPath,
    languageHref: otherLanguageLink(lang, '/reset-password'),
  })
}

/** Posts to /confirm-email. */
export const confirmEmailPage = (view: PageFrame & { email: string }): string => {
  const { lang, email } = view
  const t = texts(lang).confirmEmail
  const body = html`<h1>${t.title}</h1>
<p class="lede task">${t.text}</p>
<p class="lede address"><strong>${email}</strong></p>
<p class="note">${t.warning}</p>
<form class="form" method="post" action="/confirm-email">
${hidden({ ui_locales: lang })}<button class="button" type="submit">${t.submit}</button>
</form>
<p class="small-print">${t.close}</p>`
  return layout(view, {
    title: t.title,
    body,
    sheet: 'open',
    languageHref: otherLanguageLink(lang, '/confirm-email'),
  })
}

export interface ChangeEmailView extends PageFrame {
  /** Absent if the account has no address yet. */
  from?: string
  /** The old address is verified, so it gets a notice of the change (F18 in docs/security.md). */
  tellsOld: boolean
  to: string
  /** False if the user of the link has no session here. A link to /account would then ask for a sign-in. */
  signedIn: boolean
}

/** Posts to /change-email. */
export const changeEmailPage = (view: ChangeEmailView): string => {
  const { lang, from, to } = view
  const t = texts(lang)
  const keep = from === undefined ? t.deadLink.next.change_email : t.changeEmail.keep
  const body = html`<h1>${t.changeEmail.title}</h1>
<dl class="facts">
${from !== undefined && html`<div><dt>${t.changeEmail.from}</dt><dd>${from}</dd></div>`}
<div><dt>${t.changeEmail.to}</dt><dd>${to}</dd></div>
</dl>
<p class="note">${t.changeEmail.text}${view.tellsOld && ` ${t.changeEmail.tellsOld}`}</p>
<form class="form" method="post" action="/change-email">
${hidden({ ui_locales: lang })}
<label class="check" for="end_others"><input id="end_others" name="end_others" type="checkbox" value="yes" checked>${t.account.endOthersToo}</label>
<button class="button" type="submit">${t.changeEmail.submit}</button>
</form>
${
  view.signedIn
    ? html`<p class="form"><a class="button plain" href="${link('/account', { ui_locales: lang })}">${keep}</a></p>`
    : html`<p class="small-print">${t.confirmEmail.close}</p>`
}`
  return layout(view, {
    title: t.changeEmail.title,
    body,
    sheet: 'open',
    languageHref: otherLanguageLink(lang, '/change-email'),
  })
}

const afterDeadLink = {
  reset_password: '/forgot-password',
  confirm_email: '/login',
  change_email: '/account',
} as const

const linkPaths = {
  reset_password: '/reset-password',
  confirm_email: '/confirm-email',
  change_email: '/change-email',
} as const

/** For a link that is used, expired, replaced or wrong. It does not say which. */
export const deadLinkPage = (view: PageFrame & { purpose: keyof typeof afterDeadLink }): string => {
  const { lang, purpose } = view
  const { deadLink: t, forgot } = texts(lang)
  const login = link('/login', { ui_locales: lang })
  const next = link(afterDeadLink[purpose], { ui_locales: lang })
  const body = html`<h1>${t.title}</h1>
<p class="lede">${t.text}</p>
<div class="steps"><a class="button" href="${next}">${t.next[purpose]}</a>
${next !== login && html`<a class="button plain" href="${login}">${forgot.back}</a>`}</div>`
  const languageHref = otherLanguageLink(lang, linkPaths[purpose])
  return layout(view, { title: t.title, body, sheet: 'open', languageHref })
}

export interface UnconfirmedView extends PageFrame {
  email: string
  /** The parked authorization request that continues after the confirmation. */
  requestId?: string
  sent?: boolean
  problem?: 'still_needed' | 'throttled'
  retryAfterSeconds?: number
}

/** A client may use this account only after the address is confirmed. Posts to /unconfirmed. */
export const unconfirmedPage = (view: UnconfirmedView): string => {
  const { lang, email, requestId } = view
  const all = texts(lang)
  const t = all.confirmEmail
  const problems = {
    still_needed: t.stillNeeded,
    throttled: throttledText(lang, all, view.retryAfterSeconds),
  }
  const carried = { request: requestId, ui_locales: lang }
  const button = (doing: string, label: string, plain: boolean): Html =>
    html`<form class="form" method="post" action="/unconfirmed">${hidden({ ...carried, doing })}<button class="button${plain && ' plain'}" type="submit">${label}</button></form>`
  const body = html`<h1>${t.neededTitle}</h1>
<p class="lede">${t.neededText}</p>
<p class="lede address"><strong>${email}</strong></p>
${notice(view.sent ? t.resent : undefined)}
${alert('problem', view.problem && problems[view.problem])}
${button('continue', t.continue, false)}
${button('resend', t.resend, true)}
${asideLink('/login', carried, t.otherAccount)}`
  return layout(view, {
    title: t.neededTitle,
    body,
    sheet: 'open',
    languageHref: otherLanguageLink(lang, '/unconfirmed', { request: requestId }),
  })
}

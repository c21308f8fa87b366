// Asks for the address of a user who forgot the password, and says that a link may be on its way.
import { alert, asideLink, field, hidden, link, otherLanguageLink } from './fields.ts'
import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { throttledText } from './login-page.ts'
import { texts } from './texts.ts'

export interface ForgotPasswordView extends PageFrame {
  /** The parked authorization request that continues after the sign-in. */
  requestId?: string
  email?: string
  problem?: 'email_invalid' | 'throttled' | 'untrusted'
  retryAfterSeconds?: number
}

/** Posts to /forgot-password. */
export const forgotPasswordPage = (view: ForgotPasswordView): string => {
  const { lang, requestId, problem } = view
  const t = texts(lang)
  const general = {
    throttled: throttledText(lang, t, view.retryAfterSeconds),
    untrusted: t.untrusted,
    email_invalid: undefined,
  }
  const body = html`<h1>${t.forgot.title}</h1>
<p class="lede">${t.forgot.text}</p>
${alert('problem', problem && general[problem])}
<form class="form" method="post" action="/forgot-password" novalidate>
${hidden({ request: requestId, ui_locales: lang })}
${field(lang, { id: 'email', label: t.fields.email, type: 'email', value: view.email, autocomplete: 'email', inputmode: 'email', autofocus: true, error: problem === 'email_invalid' ? t.register.emailInvalid : undefined })}
<button class="button" type="submit">${t.forgot.submit}</button>
</form>
${asideLink('/login', { request: requestId, ui_locales: lang }, t.forgot.back)}`
  return layout(view, {
    title: t.forgot.title,
    body,
    sheet: 'open',
    languageHref: otherLanguageLink(lang, '/forgot-password', { request: requestId }),
  })
}

/** The same page for every address. */
export const forgotPasswordSentPage = (
  view: PageFrame & {
    requestId?: string
    /** How long the link works. */
    minutes: number
  },
): string => {
  const { lang, requestId, minutes } = view
  const t = texts(lang)
  const carried = { request: requestId, ui_locales: lang }
  const body = html`<h1>${t.forgot.sentTitle}</h1>
<p class="lede task">${t.forgot.sentText(minutes)}</p>
<p class="small-print">${t.forgot.notFound}</p>
<div class="steps"><a class="button plain" href="${link('/forgot-password', carried)}">${t.forgot.again}</a></div>
${asideLink('/login', carried, t.forgot.back)}`
  return layout(view, {
    title: t.forgot.sentTitle,
    body,
    sheet: 'open',
    languageHref: otherLanguageLink(lang, '/forgot-password', { sent: 'yes', request: requestId }),
  })
}

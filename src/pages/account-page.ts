// The account page: profile, address, password, login methods, sessions, connected apps. src/account handles
// its forms.
import { emailPart, hasNewPasswordField, passwordPart } from './account-forms.ts'
import { profilePart } from './account-profile.ts'
import { localTime, sessionsPart } from './account-sessions.ts'
import { accountStyle } from './account-style.ts'
import type { AccountGrant, AccountIdentity, AccountView } from './account-view.ts'
import { clientScript } from './client-script.ts'
import { scopeText } from './consent-page.ts'
import { alert, hidden, notice, otherLanguageLink } from './fields.ts'
import { type Html, html, type Part } from './html.ts'
import type { Language } from './language.ts'
import { layout } from './layout.ts'
import { throttledText } from './login-page.ts'
import { providerMark, providerName, providerProblemText } from './provider-buttons.ts'
import { strengthScriptPath } from './strength-meter.ts'
import { texts } from './texts.ts'

/** Shows passwords, and each time in the time zone of the browser. */
const script = clientScript(
  new URL('./reveal-password.client.js', import.meta.url),
  new URL('./local-time.client.js', import.meta.url),
)

const grantRow = (lang: Language, grant: AccountGrant): Html => {
  const t = texts(lang).account
  const wordsOf = (scope: string) => {
    const ofApi = scopeText(grant.scopeWords, scope)
    return scopeText(t.scopes, scope) ?? (ofApi === undefined ? scope : `${ofApi} (${scope})`)
  }
  const scopes = grant.scopes.map(wordsOf).join(', ')
  return html`<li>
<div>
<p class="name">${grant.clientName}</p>
<p class="meta permitted">${scopes}</p>
<p class="meta">${t.granted} ${localTime(lang, grant.grantedAt)}</p>
</div>
<form method="post" action="/account/grants/withdraw">${hidden({ client: grant.clientId, ui_locales: lang })}<button class="button plain small" type="submit" aria-label="${t.withdrawLabel(grant.clientName)}">${t.withdraw}</button></form>
</li>`
}

const identityRow = ({ lang, identities, user }: AccountView, identity: AccountIdentity): Html => {
  const t = texts(lang).account
  const name = providerName(lang, identity.provider)
  const isLastMethod = !user.hasPassword && identities.length === 1
  return html`<li>
<div>
<p class="name">${providerMark(identity.provider)}${name}</p>
${identity.email !== undefined && html`<p class="meta">${identity.email}</p>`}
<p class="meta">${t.granted} ${localTime(lang, identity.linkedAt)}</p>
${isLastMethod && html`<p class="meta">${t.lastLoginMethod}</p>`}
</div>
${!isLastMethod && html`<form method="post" action="/account/identities/unlink">${hidden({ provider: identity.provider, subject: identity.subject, ui_locales: lang })}<button class="button plain small" type="submit" aria-label="${t.unlinkLabel(name)}">${t.unlink}</button></form>`}
</li>`
}

const linkForm = (lang: Language, provider: string): Html =>
  html`<form method="post" action="/login/${encodeURIComponent(provider)}">${hidden({ purpose: 'link', ui_locales: lang })}<button class="button plain small" type="submit">${providerMark(provider)}${texts(lang).account.link(providerName(lang, provider))}</button></form>`

/** Left out if no provider is configured and none is linked. */
const loginMethods = (view: AccountView): Part => {
  const { lang, identities, providers } = view
  const t = texts(lang).account
  if (identities.length === 0 && providers.length === 0) return undefined
  const others = providers.filter((id) => identities.every(({ provider }) => provider !== id))
  return html`<section class="part" aria-labelledby="login-methods"><h2 id="login-methods">${t.loginMethods}</h2>
<p>${t.loginMethodsText}</p>
<ul class="rows">${identities.map((identity) => identityRow(view, identity))}</ul>
${others.length > 0 && html`<div class="after-rows links">${others.map((provider) => linkForm(lang, provider))}</div>`}
</section>`
}

const alertText = (view: AccountView): string | undefined => {
  const { lang, problem } = view
  if (typeof problem === 'object') return providerProblemText(lang, problem.what, problem.provider)
  if (problem === 'throttled') return throttledText(lang, texts(lang), view.retryAfterSeconds)
  return problem === 'last_login_method' ? texts(lang).account.lastLoginMethod : undefined
}

/** Left out if the user gave no app from outside access. */
const grantsPart = ({ lang, grants }: AccountView): Part => {
  if (grants.length === 0) return undefined
  const t = texts(lang).account
  return html`<section class="part" aria-labelledby="grants"><h2 id="grants">${t.grants}</h2>
<p>${t.grantsText}</p>
<ul class="rows">${grants.map((grant) => grantRow(lang, grant))}</ul>
</section>`
}

export const accountPage = (view: AccountView): string => {
  const { lang, user } = view
  const t = texts(lang)
  const body = html`<div class="head"><div><h1>${t.account.title}</h1>
<p class="lede">${user.name ?? user.username ?? user.email}</p></div>
<form method="post" action="/end-session">${hidden({ confirm: 'yes', ui_locales: lang })}<button class="button plain small" type="submit">${t.account.signOut}</button></form></div>
${notice(view.notice && t.account.notices[view.notice])}
${alert('problem', alertText(view))}
${profilePart(view)}
${emailPart(view)}
${passwordPart(view)}
${loginMethods(view)}
${sessionsPart(view)}
${grantsPart(view)}
<section class="part" aria-labelledby="delete"><h2 id="delete">${t.account.delete}</h2>
<p>${t.account.deleteText}</p>
<div class="after-rows"><a class="button plain small danger" href="/account/delete">${t.account.deleteGo}</a></div>
</section>`
  return layout(view, {
    title: t.account.title,
    body,
    extraStyle: accountStyle,
    script,
    scriptPath: hasNewPasswordField(view) ? strengthScriptPath : undefined,
    languageHref: otherLanguageLink(lang, '/account'),
  })
}

// The account page: sessions, login methods, connected apps, password. src/account handles its forms.
import { emailPart, passwordForm } from './account-forms.ts'
import type { AccountGrant, AccountIdentity, AccountSession, AccountView } from './account-view.ts'
import { scopeText } from './consent-page.ts'
import { moment } from './duration.ts'
import { alert, hidden, notice, otherLanguageLink } from './fields.ts'
import { type Html, html, type Part } from './html.ts'
import type { Language } from './language.ts'
import { layout } from './layout.ts'
import { throttledText } from './login-page.ts'
import { providerName, providerProblemText } from './provider-buttons.ts'
import { revealPasswordScript } from './reveal-password.ts'
import { strengthScriptPath } from './strength-meter.ts'
import { texts } from './texts.ts'
import { userAgentName } from './user-agent.ts'

const time = (lang: Language, at: Date): Html =>
  html`<time datetime="${at.toISOString()}">${moment(lang, at)}</time>`

const sessionRow = (lang: Language, session: AccountSession): Html => {
  const t = texts(lang).account
  const name = userAgentName(session.userAgent) ?? t.unknownBrowser
  return html`<li>
<div>
<p class="name">${name}${session.current && html` <span class="tag">${t.current}</span>`}</p>
<p class="meta apart"><span>${t.lastSeen} ${time(lang, session.lastSeenAt)}</span>${session.ip && html`<span>${session.ip}</span>`}</p>
<p class="meta">${t.started} ${time(lang, session.startedAt)}</p>
${session.clients.length > 0 && html`<p class="meta">${t.apps}: ${session.clients.join(', ')}</p>`}
</div>
${!session.current && html`<form method="post" action="/account/sessions/end">${hidden({ session: session.id, ui_locales: lang })}<button class="button plain small" type="submit" aria-label="${t.endSessionLabel(name)}">${t.endSession}</button></form>`}
</li>`
}

const grantRow = (lang: Language, grant: AccountGrant): Html => {
  const t = texts(lang).account
  const scopes = grant.scopes.map((scope) => scopeText(t.scopes, scope) ?? scope).join(', ')
  return html`<li>
<div>
<p class="name">${grant.clientName}</p>
<p class="meta permitted">${scopes}</p>
<p class="meta">${t.granted} ${time(lang, grant.grantedAt)}</p>
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
<p class="name">${name}</p>
${identity.email !== undefined && html`<p class="meta">${identity.email}</p>`}
<p class="meta">${t.granted} ${time(lang, identity.linkedAt)}</p>
${isLastMethod && html`<p class="meta">${t.lastLoginMethod}</p>`}
</div>
${!isLastMethod && html`<form method="post" action="/account/identities/unlink">${hidden({ provider: identity.provider, subject: identity.subject, ui_locales: lang })}<button class="button plain small" type="submit" aria-label="${t.unlinkLabel(name)}">${t.unlink}</button></form>`}
</li>`
}

const linkForm = (lang: Language, provider: string): Html =>
  html`<form method="post" action="/login/${encodeURIComponent(provider)}">${hidden({ purpose: 'link', ui_locales: lang })}<button class="button plain small" type="submit">${texts(lang).account.link(providerName(lang, provider))}</button></form>`

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

export const accountPage = (view: AccountView): string => {
  const { lang, user, sessions, grants } = view
  const t = texts(lang)
  const label = [user.name, user.username, user.email].filter(Boolean).join(' · ')
  const body = html`<div class="head"><div><h1>${t.account.title}</h1>
<p class="lede">${label}</p></div>
<form method="post" action="/end-session">${hidden({ confirm: 'yes', ui_locales: lang })}<button class="button plain small" type="submit">${t.account.signOut}</button></form></div>
${notice(view.notice && t.account.notices[view.notice])}
${alert('problem', alertText(view))}
<section class="part" aria-labelledby="sessions"><h2 id="sessions">${t.account.sessions}</h2>
<p>${t.account.sessionsText}</p>
<ul class="rows">${sessions.map((session) => sessionRow(lang, session))}</ul>
${sessions.some(({ current }) => !current) && html`<form class="after-rows" method="post" action="/account/sessions/end-others">${hidden({ ui_locales: lang })}<button class="button plain small" type="submit">${t.account.endOthers}</button></form>`}
</section>
${loginMethods(view)}
<section class="part" aria-labelledby="grants"><h2 id="grants">${t.account.grants}</h2>
<p>${grants.length > 0 ? t.account.grantsText : t.account.noGrants}</p>
<ul class="rows">${grants.map((grant) => grantRow(lang, grant))}</ul>
</section>
${emailPart(view)}
<section class="part" aria-labelledby="change"><h2 id="change">${user.hasPassword ? t.account.password : t.account.setPassword}</h2>
${passwordForm(view)}
</section>
<p class="aside"><a href="/account/delete">${t.account.delete}</a></p>`
  return layout(view, {
    title: t.account.title,
    body,
    script: revealPasswordScript,
    scriptPath: user.hasPassword ? strengthScriptPath : undefined,
    languageHref: otherLanguageLink(lang, '/account'),
  })
}

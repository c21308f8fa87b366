// The list of places where the user is signed in. src/account/session-actions.ts handles its forms.
import type { AccountSession, AccountView } from './account-view.ts'
import { moment } from './duration.ts'
import { hidden } from './fields.ts'
import { type Html, html, type Part } from './html.ts'
import type { Language } from './language.ts'
import { texts } from './texts.ts'
import { knownUserAgent } from './user-agent.ts'

/** local-time.client.js shows it in the time zone of the browser. */
export const localTime = (lang: Language, at: Date): Html =>
  html`<time datetime="${at.toISOString()}">${moment(lang, at)}</time>`

const nameOf = (lang: Language, { userAgent, isBrowser }: AccountSession): string => {
  const t = texts(lang).account
  const { browser, system, program } = knownUserAgent(userAgent)
  if (browser !== undefined && system !== undefined) return t.browserOn(browser, system)
  if (program !== undefined) return t.program(program)
  return browser ?? system ?? (isBrowser ? t.unknownBrowser : t.unknownProgram)
}

/** An address alone says little, so the row says first whether it is the network of this browser. */
const place = (lang: Language, { current, sameNetwork, ip }: AccountSession): Part => {
  if (current || ip === undefined) return undefined
  const t = texts(lang).account
  return html`<p class="meta">${sameNetwork ? t.sameNetwork : t.otherNetwork(ip)}</p>`
}

const sessionRow = (lang: Language, session: AccountSession): Html => {
  const t = texts(lang).account
  const name = nameOf(lang, session)
  const isProgram = knownUserAgent(session.userAgent).browser === undefined && !session.isBrowser
  return html`<li>
<div>
<p class="name">${name}${session.current && html` <span class="tag">${t.current}</span>`}</p>
${isProgram && html`<p class="meta">${t.programText}</p>`}
<p class="meta">${t.lastSeen} ${localTime(lang, session.lastSeenAt)}</p>
<p class="meta">${t.started} ${localTime(lang, session.startedAt)}</p>
${place(lang, session)}
${session.clients.length > 0 && html`<p class="meta">${t.apps}: ${session.clients.join(', ')}</p>`}
</div>
${!session.current && html`<form method="post" action="/account/sessions/end">${hidden({ session: session.id, ui_locales: lang })}<button class="button plain small" type="submit" aria-label="${t.endSessionLabel(name)}">${t.endSession}</button></form>`}
</li>`
}

/** This browser first, then the latest use first. */
const byUse = (one: AccountSession, other: AccountSession): number =>
  Number(other.current) - Number(one.current) || other.lastSeenAt.getTime() - one.lastSeenAt.getTime()

export const sessionsPart = ({ lang, sessions, user }: AccountView): Html => {
  const t = texts(lang).account
  return html`<section class="part" aria-labelledby="sessions"><h2 id="sessions">${t.sessions}</h2>
<p>${user.hasPassword ? t.sessionsText : t.sessionsTextWithoutPassword}</p>
<ul class="rows">${[...sessions].sort(byUse).map((session) => sessionRow(lang, session))}</ul>
${sessions.some(({ current }) => !current) && html`<form class="after-rows" method="post" action="/account/sessions/end-others">${hidden({ ui_locales: lang })}<button class="button plain small" type="submit">${t.endOthers}</button></form>`}
</section>`
}

// The bookshop's only page: before the sign-in, while signed in, and after the session has ended.
import { randomBytes } from 'node:crypto'
import { type Html, html, raw, render } from '../src/pages/html.ts'
import type { Language } from '../src/pages/language.ts'
import { bookshopStyle } from './bookshop-style.ts'
import { shelf } from './shelf.ts'
import { steps } from './steps.ts'
import { type EventName, type Texts, textsOf } from './texts.ts'
import { claimsOf, type DemoProviders, type Visit } from './visit.ts'

const bookmark = html`<svg class="bookmark" viewBox="0 0 20 28" aria-hidden="true" focusable="false"><path d="M1 0h18v28l-9-7-9 7z"/></svg>`

const button = (action: string, label: string, kind = ''): Html =>
  html`<form method="post" action="${action}"><button class="button ${kind}">${label}</button></form>`

const timeOf = (seconds: unknown, language: Language): string =>
  new Date(Number(seconds) * 1000).toLocaleTimeString(language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })

const claimRow = (name: string, value: unknown, language: Language): Html => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const isTime = ['iat', 'exp', 'auth_time', 'updated_at'].includes(name)
  return html`<div><dt>${name.split('_').map((word, at) => html`${at > 0 && html`_<wbr>`}${word}`)}</dt><dd>${text}${isTime && html` <small>${timeOf(value, language)}</small>`}</dd></div>`
}

const tokenCard = (title: string, purpose: string, token: string, language: Language): Html =>
  html`<section class="token"><h3>${title}</h3><p>${purpose}</p><dl>${Object.entries(claimsOf(token)).map(
    ([name, value]) => claimRow(name, value, language),
  )}</dl></section>`

const badEvents: readonly EventName[] = [
  'sign_in_failed',
  'access_token_inactive',
  'refresh_token_rejected',
  'session_ended',
]

/** The latest events are enough, and the page stays short. */
const shownEvents = 8

const activityList = (visit: Visit, texts: Texts, language: Language): Html =>
  html`<aside class="activity"><h2>${texts.activity}</h2><ol>${visit.activity.slice(-shownEvents).map(
    ({ at, event, detail }) =>
      html`<li class="${badEvents.includes(event) && 'bad'}"><time>${at.toLocaleTimeString(language, {
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hour12: false,
      })}</time><span>${texts.events[event]}${detail !== undefined && html` <code>${detail}</code>`}</span></li>`,
  )}</ol></aside>`

const startPage = (visit: Visit, providers: DemoProviders, texts: Texts, language: Language): Html =>
  html`<div class="hero"><div><h1>${texts.title}</h1><p class="lede">${texts.lede}</p>${button('/sign-in', texts.signIn)}</div>${
    visit.activity.length > 0 ? activityList(visit, texts, language) : steps(visit, providers, texts)
  }</div>${shelf()}`

const sessionPage = (
  visit: Visit,
  tokens: { access: string; id: string },
  providers: DemoProviders,
  language: Language,
): Html => {
  const texts = textsOf(language)
  const { ended, disconnectedAt } = visit
  const { name } = claimsOf(tokens.id)
  const greeting = name ? texts.welcome(String(name)) : texts.welcomeWithoutName
  const endedLede = texts.endedLede(disconnectedAt && texts.methods[disconnectedAt])
  const cards = html`<div class="tokens ${ended && 'is-over'}">${tokenCard(
    texts.accessToken,
    texts.accessTokenPurpose,
    tokens.access,
    language,
  )}${tokenCard(texts.idToken, texts.idTokenPurpose, tokens.id, language)}</div>`
  return html`<div class="greeting">
<p class="state ${ended && 'is-over'}" role="status">${ended ? texts.signedOut : texts.signedIn}</p>
<h1>${ended ? texts.endedTitle : greeting}</h1>${ended && html`<p class="lede">${endedLede}</p>`}
<div class="actions">${
    ended
      ? button('/sign-in', texts.signInAgain)
      : html`${button('/refresh', texts.refresh, 'plain')}${button('/sign-out', texts.signOut, 'plain')}<noscript><a href="/">${texts.checkAgain}</a></noscript>`
  }</div></div>
<div class="desk">${steps(visit, providers, texts)}${activityList(visit, texts, language)}
<details class="contents"${!ended && html` open`}><summary>${texts.tokens}</summary>${cards}</details></div>`
}

/** A script that asks the server for new events, and reloads the page when there is one. */
const reloadScript = (visit: Visit): string => `
const shown = ${visit.activity.length}
const poll = async () => {
  try {
    const { events } = await (await fetch('/status')).json()
    if (events !== shown) return location.reload()
  } catch {}
  setTimeout(poll, 1500)
}
setTimeout(poll, 1500)`

export const bookshopPage = (
  language: Language,
  visit: Visit,
  providers: DemoProviders,
): { page: string; policy: string } => {
  const texts = textsOf(language)
  const nonce = randomBytes(16).toString('base64')
  const { tokens } = visit
  const script =
    tokens && !visit.ended ? html`<script nonce="${nonce}">${raw(reloadScript(visit))}</script>` : undefined
  const content = html`<!doctype html><html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${texts.shop}</title>
<link rel="icon" href="data:,"><style nonce="${nonce}">${bookshopStyle}</style></head>
<body><header><a href="/">${bookmark}${texts.shop}</a></header>
<main>${tokens ? sessionPage(visit, tokens, providers, language) : startPage(visit, providers, texts, language)}</main>${script}</body></html>`
  return {
    page: render(content),
    policy: `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
  }
}

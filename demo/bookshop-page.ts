// The bookshop's only page: before the sign-in, while signed in, and after the session has ended.
import { randomBytes } from 'node:crypto'
import { type Html, html, raw, render } from '../src/pages/html.ts'
import { bookshopStyle } from './bookshop-style.ts'
import { type EventName, type Language, type Texts, textsOf } from './texts.ts'
import { claimsOf, type ProviderOrigins, type Visit } from './visit.ts'

/** The width, height and colour of each book on the shelf. */
const books: readonly (readonly [number, number, number])[] = [
  [26, 88, 1],
  [16, 74, 2],
  [30, 96, 3],
  [20, 82, 4],
  [14, 68, 1],
  [27, 92, 5],
  [18, 78, 2],
  [24, 86, 4],
  [15, 64, 3],
  [30, 95, 5],
  [22, 76, 1],
  [17, 88, 3],
  [28, 98, 4],
  [16, 70, 5],
  [19, 84, 1],
  [25, 93, 2],
  [14, 66, 4],
  [29, 90, 3],
  [18, 80, 5],
  [22, 97, 1],
  [15, 72, 3],
  [27, 86, 4],
  [17, 76, 2],
  [24, 94, 5],
  [14, 69, 1],
  [30, 90, 3],
  [20, 83, 4],
  [16, 96, 2],
]

const shelf = (): Html => {
  let left = 0
  const spines = books.map(([width, height, colour]) => {
    const x = left
    left += width + 1.5
    const band = html`<rect x="${x}" y="${114 - height}" width="${width}" height="3" class="band"/><rect x="${x}" y="${120 - height}" width="${width}" height="1.5" class="band"/>`
    return html`<rect x="${x}" y="${104 - height}" width="${width}" height="${height}" rx="1" class="book-${colour}"/>${width > 18 && band}`
  })
  return html`<svg class="shelf" viewBox="0 0 ${left} 108" preserveAspectRatio="xMinYMax slice" aria-hidden="true" focusable="false">${spines}<rect x="0" y="104" width="${left}" height="4" class="board"/></svg>`
}

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
  const isTime = ['iat', 'exp', 'auth_time'].includes(name)
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

const activityList = (visit: Visit, texts: Texts, language: Language): Html =>
  html`<aside class="activity"><h2>${texts.activity}</h2><ol>${visit.activity.map(
    ({ at, event, detail }) =>
      html`<li class="${badEvents.includes(event) && 'bad'}"><time>${at.toLocaleTimeString(language, {
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hour12: false,
      })}</time><span>${texts.events[event]}${detail !== undefined && html` <code>${detail}</code>`}</span></li>`,
  )}</ol></aside>`

const step = (text: string, done: boolean, links: Html | undefined = undefined): Html =>
  html`<li class="${done && 'done'}"><span>${text}</span>${links}</li>`

const linkToProvider = (origin: string, label: string, texts: Texts): Html =>
  html`<a href="${origin}/connections" target="_blank" rel="noopener">${label}<small> (${texts.newTab})</small></a>`

const steps = ({ ended }: Visit, providers: ProviderOrigins, texts: Texts): Html => {
  const links = html`<p>${linkToProvider(providers.kakao, texts.atKakao, texts)}${linkToProvider(providers.google, texts.atGoogle, texts)}</p>`
  return html`<section class="next"><h2>${texts.next}</h2><ol>${step(texts.steps.signIn, true)}${step(texts.steps.tokens, true)}${step(
    texts.steps.disconnect,
    ended,
    ended ? undefined : links,
  )}${step(texts.steps.watch, ended)}</ol></section>`
}

const startPage = (visit: Visit, texts: Texts, language: Language): Html =>
  html`<div class="hero"><h1>${texts.title}</h1><p class="lede">${texts.lede}</p>${button('/sign-in', texts.signIn)}</div>${
    visit.activity.length > 0 && activityList(visit, texts, language)
  }${shelf()}`

const sessionPage = (
  visit: Visit,
  tokens: { access: string; id: string },
  providers: ProviderOrigins,
  language: Language,
): Html => {
  const texts = textsOf(language)
  const { name } = claimsOf(tokens.id)
  const greeting = name ? texts.welcome(String(name)) : texts.welcomeWithoutName
  return html`<div class="greeting">
<p class="state ${visit.ended && 'is-over'}" role="status">${visit.ended ? texts.signedOut : texts.signedIn}</p>
<h1>${visit.ended ? texts.endedTitle : greeting}</h1>${visit.ended && html`<p class="lede">${texts.endedLede}</p>`}
<div class="actions">${
    visit.ended
      ? button('/sign-in', texts.signInAgain)
      : html`${button('/refresh', texts.refresh, 'plain')}${button('/sign-out', texts.signOut, 'plain')}<noscript><a href="/">${texts.checkAgain}</a></noscript>`
  }</div></div>
<div class="desk">${steps(visit, providers, texts)}${activityList(visit, texts, language)}<div class="tokens ${visit.ended && 'is-over'}">${tokenCard(
    texts.accessToken,
    texts.accessTokenPurpose,
    tokens.access,
    language,
  )}${tokenCard(texts.idToken, texts.idTokenPurpose, tokens.id, language)}</div></div>`
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
  providers: ProviderOrigins,
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
<main>${tokens ? sessionPage(visit, tokens, providers, language) : startPage(visit, texts, language)}</main>${script}</body></html>`
  return {
    page: render(content),
    policy: `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
  }
}

// The bookshop's one page, before, during and after a session.
import { randomBytes } from 'node:crypto'
import { type Html, html, raw, render } from '../src/pages/html.ts'
import { bookshopStyle } from './bookshop-style.ts'
import { type Language, type Texts, textsOf } from './texts.ts'
import type { ProviderOrigins, Visit } from './visit.ts'

type Claims = Record<string, unknown>

interface Around {
  issuer: string
  connections: ProviderOrigins
  claimsOf(token: string): Claims
}

/** Books on a shelf: width, height and colour of each. */
const books: readonly (readonly [number, number, number])[] = [
  ...([
    [26, 88, 1],
    [16, 74, 2],
    [30, 96, 3],
    [20, 82, 4],
    [14, 68, 1],
    [27, 92, 5],
    [18, 78, 2],
  ] as const),
  ...([
    [24, 86, 4],
    [15, 64, 3],
    [30, 95, 5],
    [22, 76, 1],
    [17, 88, 3],
    [28, 98, 4],
    [16, 70, 5],
  ] as const),
  ...([
    [19, 84, 1],
    [25, 93, 2],
    [14, 66, 4],
    [29, 90, 3],
    [18, 80, 5],
    [22, 97, 1],
    [15, 72, 3],
  ] as const),
  ...([
    [27, 86, 4],
    [17, 76, 2],
    [24, 94, 5],
    [14, 69, 1],
    [30, 90, 3],
    [20, 83, 4],
    [16, 96, 2],
  ] as const),
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

const time = (value: unknown, language: Language): string =>
  new Date(Number(value) * 1000).toLocaleTimeString(language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })

const show = (name: string, value: unknown, language: Language): Html => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const isTime = ['iat', 'exp', 'auth_time'].includes(name)
  return html`<div><dt>${name.split('_').map((word, at) => html`${at > 0 && html`_<wbr>`}${word}`)}</dt><dd>${text}${isTime && html` <small>${time(value, language)}</small>`}</dd></div>`
}

const tokenCard = (title: string, purpose: string, token: string, around: Around, language: Language): Html =>
  html`<section class="token"><h3>${title}</h3><p>${purpose}</p><dl>${Object.entries(
    around.claimsOf(token),
  ).map(([name, value]) => show(name, value, language))}</dl></section>`

const ledger = (visit: Visit, texts: Texts, language: Language): Html =>
  html`<aside class="ledger"><h2>${texts.ledger}</h2><ol>${visit.ledger.map(
    ({ at, what, detail }) =>
      html`<li class="${['token_dead', 'refresh_refused', 'ended', 'not_signed_in'].includes(what) && 'bad'}"><time>${at.toLocaleTimeString(
        language,
        { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false },
      )}</time><span>${texts.happenings[what]}${detail !== undefined && html` <code>${detail}</code>`}</span></li>`,
  )}</ol></aside>`

const step = (text: string, done: boolean, links: Html | undefined = undefined): Html =>
  html`<li class="${done && 'done'}"><span>${text}</span>${links}</li>`

const away = (href: string, label: string, texts: Texts): Html =>
  html`<a href="${href}/connections" target="_blank" rel="noopener">${label}<small> (${texts.opensNew})</small></a>`

const steps = (visit: Visit, { connections }: Around, texts: Texts): Html => {
  const { ended } = visit
  return html`<section class="next"><h2>${texts.next}</h2><ol>${step(texts.steps.seal, true)}${step(texts.steps.tokens, true)}${step(
    texts.steps.disconnect,
    ended,
    ended
      ? undefined
      : html`<p>${away(connections.kakao, texts.atKakao, texts)}${away(connections.google, texts.atGoogle, texts)}</p>`,
  )}${step(texts.steps.watch, ended)}</ol></section>`
}

const opening = (visit: Visit, texts: Texts, language: Language): Html =>
  html`<div class="hero"><h1>${texts.title}</h1><p class="lede">${texts.lede}</p>${button('/sign-in', texts.signIn)}</div>${
    visit.ledger.length > 0 && ledger(visit, texts, language)
  }${shelf()}`

const inside = (
  visit: Visit,
  tokens: { access: string; id: string },
  around: Around,
  language: Language,
): Html => {
  const texts = textsOf(language)
  const { name } = around.claimsOf(tokens.id)
  const title = visit.ended ? texts.endedTitle : name ? texts.hello(String(name)) : texts.stranger
  return html`<div class="greeting">
<p class="state ${visit.ended && 'is-over'}" role="status">${visit.ended ? texts.over : texts.alive}</p>
<h1>${title}</h1>${visit.ended && html`<p class="lede">${texts.endedLede}</p>`}
<div class="actions">${
    visit.ended
      ? button('/sign-in', texts.signInAgain)
      : html`${button('/refresh', texts.refresh, 'plain')}${button('/sign-out', texts.signOut, 'plain')}<noscript><a href="/">${texts.checkAgain}</a></noscript>`
  }</div></div>
<div class="desk">${steps(visit, around, texts)}${ledger(visit, texts, language)}<div class="tokens ${visit.ended && 'is-over'}">${tokenCard(
    texts.accessToken,
    texts.accessTokenFor,
    tokens.access,
    around,
    language,
  )}${tokenCard(texts.idToken, texts.idTokenFor, tokens.id, around, language)}</div></div>`
}

/** Asks whether anything happened, and shows the page anew if so. */
const watching = (visit: Visit): string => `
const known = ${visit.ledger.length}
const look = async () => {
  try {
    const { entries } = await (await fetch('/status')).json()
    if (entries !== known) return location.reload()
  } catch {}
  setTimeout(look, 1500)
}
setTimeout(look, 1500)`

export const bookshopPage = (
  language: Language,
  visit: Visit,
  around: Around,
): { page: string; policy: string } => {
  const texts = textsOf(language)
  const nonce = randomBytes(16).toString('base64')
  const { tokens } = visit
  const script =
    tokens && !visit.ended ? html`<script nonce="${nonce}">${raw(watching(visit))}</script>` : undefined
  const content = html`<!doctype html><html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${texts.shop}</title>
<link rel="icon" href="data:,"><style nonce="${nonce}">${bookshopStyle}</style></head>
<body><header><a href="/">${bookmark}${texts.shop}</a></header>
<main>${tokens ? inside(visit, tokens, around, language) : opening(visit, texts, language)}</main>${script}</body></html>`
  return {
    page: render(content),
    policy: `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
  }
}

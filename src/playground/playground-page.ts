// The playground page. Its script runs the whole flow in the browser and shows every token and request.
import { clientScript } from '../pages/client-script.ts'
import { otherLanguageLink } from '../pages/fields.ts'
import { type Html, html, type Part, raw } from '../pages/html.ts'
import { layout, type PageFrame } from '../pages/layout.ts'
import { sealIn, sealMark, tickIn, tickMark } from '../pages/seal.ts'
import { texts } from '../pages/texts.ts'
import { playgroundStyle } from './playground-style.ts'

/** The *.client.js files of this folder. They become one script, in this order. */
const parts = ['wire', 'flow', 'deed', 'playground']

/** Exported for tests. */
export const playgroundScript = clientScript(
  ...parts.map((part) => new URL(`./${part}.client.js`, import.meta.url)),
)

export interface PlaygroundView extends PageFrame {
  issuer: string
  /** A public client. Its redirect URI and post-logout redirect URI are the issuer's `/`. */
  clientId: string
  /** For this many seconds a used refresh token returns the same new token. 0 turns the grace off. */
  graceSeconds?: number
}

interface Step {
  id: string
  title: string
  text: string
  /** Shown also while the step is closed. */
  always?: Part
  body: Part
}

/** The script opens one step at a time. */
const stepSection = (
  { lang, brand }: PageFrame,
  { id, title, text, always, body }: Step,
  index: number,
  next?: Step,
): Html => {
  const t = texts(lang).playground
  return html`<section class="step" id="step-${id}" data-step="${id}" aria-labelledby="title-${id}">
<div class="number" aria-hidden="true"><span>${index + 1}</span>${brand.isDojang ? sealMark('tick') : tickMark('tick')}</div>
<h2 id="title-${id}"><button class="opener" id="open-${id}" type="button" aria-expanded="false" aria-controls="body-${id}"><span>${title}<span class="hush" data-done hidden> (${t.done})</span></span></button></h2>
${always}
<div class="body" id="body-${id}"><p class="why">${text}</p>
${body}${next && id !== 'sign-in' && html`<p class="onward"><button class="button plain small" id="next-${id}" type="button" data-next="${next.id}">${t.next}: ${next.title}</button></p>`}</div>
</section>`
}

const curl = (issuer: string): string => `curl -s ${issuer}/.well-known/openid-configuration
curl -s ${issuer}/.well-known/jwks.json
curl -s ${issuer}/api/token -d username=USERNAME -d password=PASSWORD
curl -s ${issuer}/api/users/me -H 'Authorization: Bearer ACCESS_TOKEN'
curl -s ${issuer}/api/token/refresh -H 'Content-Type: application/json' -d '{"refresh":"REFRESH_TOKEN"}'`

/** Without JavaScript the page only shows commands for a terminal. */
export const playgroundPage = (view: PlaygroundView): string => {
  const { lang, brand, issuer, clientId, graceSeconds = 20 } = view
  const t = texts(lang).playground
  const config = JSON.stringify({ issuer, clientId, graceSeconds, lang, texts: t.live, claims: t.claims })
  const says = (id: string): Html => html`<p class="says" id="says-${id}" role="status"></p>`

  const signIn = html`<dl class="pair" id="pkce" hidden>
<div><dt>${t.signIn.verifier} <code>code_verifier</code></dt><dd class="mono" id="verifier"></dd></div>
<div><dt>${t.signIn.challenge} <code>code_challenge</code></dt><dd class="mono" id="challenge"></dd></div>
</dl>
<button class="button" id="sign-in" type="button">${t.signIn.button}</button>`

  const token = html`<div class="switch" role="group" aria-label="${t.token.which}">
<button type="button" id="show-access" aria-pressed="true">${t.token.access}</button><button type="button" id="show-id" aria-pressed="false">${t.token.id}</button>
</div>
<article class="deed" id="deed" data-verdict="checking" aria-labelledby="deed-title">
<header><h3 id="deed-title">${t.token.access}</h3><p class="mono" id="deed-header"></p></header>
<dl class="claims" id="claims"></dl>
<div class="life"><span>${t.token.left}</span><strong id="left"></strong><div class="bar-of-life"><i id="life"></i></div></div>
<footer><p class="certified">${t.token.certified}</p><p class="verdict" id="verdict" role="status"></p>
<div class="place" aria-hidden="true">${brand.isDojang ? html`<span>(인)</span>${sealIn('in')}` : tickIn('in')}</div></footer>
</article>
<details class="travels"><summary>${t.token.raw}</summary>
<p class="legend"><span class="jwt-header">${t.token.header}</span> <span class="jwt-payload">${t.token.payload}</span> <span class="jwt-signature">${t.token.signature}</span></p>
<pre class="jwt" id="jwt" tabindex="0"></pre></details>
<button class="button plain small" id="tamper" type="button" aria-pressed="false" data-restore="${t.token.restore}">${t.token.tamper}</button>`

  const keys = html`<p class="command"><code id="command">npx dojang keys rotate --in 0 --force</code><button type="button" id="copy" data-copied="${t.keys.copied}">${t.keys.copy}</button></p>
<ul class="keys" id="keys" aria-label="${t.keys.list}"></ul>
${says('keys')}`

  const userinfo = html`<button class="button plain" id="userinfo" type="button">${t.userinfo.button}</button>${says('userinfo')}<pre class="answer" id="userinfo-answer" tabindex="0" hidden></pre>`
  const refresh = html`<button class="button plain" id="refresh" type="button">${t.refresh.button}</button>${says('refresh')}<ol class="chain" id="chain" aria-label="${t.refresh.chain}"></ol>`
  const signOut = html`<button class="button plain" id="sign-out" type="button">${t.signOut.button}</button>`
  const steps: readonly Step[] = [
    { ...t.signIn, id: 'sign-in', always: says('sign-in'), body: signIn },
    { ...t.token, id: 'token', body: token },
    { ...t.userinfo, id: 'userinfo', body: userinfo },
    { ...t.refresh, id: 'refresh', body: refresh },
    { ...t.keys, id: 'keys', body: keys },
    { ...t.signOut, id: 'sign-out', body: signOut },
  ]

  const body = html`<div id="play" data-config="${config}">
<section class="opening"><h1>${t.headline}</h1>
<div><p class="lede">${t.lede}</p>
<dl class="who"><div><dt>${t.issuer}</dt><dd class="mono">${issuer}</dd></div><div><dt>${t.client}</dt><dd class="mono">${clientId}</dd></div></dl></div></section>
<noscript><div class="alert"><p>${t.noscriptTitle}</p></div><p class="lede">${t.noscript}</p>
<p class="lede">${t.terminal}</p><pre class="terminal" tabindex="0">${curl(issuer)}</pre></noscript>
<div class="desk" id="desk" hidden>
<div class="story">
<div class="alert" id="trouble" role="alert" hidden><p></p></div>
${steps.map((step, index) => stepSection(view, step, index, steps[index + 1]))}
</div>
<aside class="wire" aria-labelledby="wire-title">
<details id="log"><summary><h2 id="wire-title">${t.wire.title}</h2></summary>
<p>${t.wire.text}</p>
<p id="wire-empty">${t.wire.empty}</p>
<ol id="wire"></ol>
<button type="button" id="clear">${t.wire.clear}</button>
</details>
</aside>
</div>
</div>`
  return layout(view, {
    title: t.title,
    body,
    script: html`${raw("'use strict';\n")}${playgroundScript}`,
    extraStyle: playgroundStyle,
    languageHref: otherLanguageLink(lang, '/'),
  })
}

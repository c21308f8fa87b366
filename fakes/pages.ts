// The pages of a fake provider: choose a person, agree, disconnect. They need no scripts.
// Every page says that it does not belong to the real provider.
import { type Html, html, raw, render } from '../src/pages/html.ts'
import type { Language } from '../src/pages/language.ts'
import type { Account, ConsentItem } from './authorize.ts'
import type { Reply } from './faults.ts'
import type { Call } from './provider-server.ts'
import { languageOf, type Text, textsOf } from './texts.ts'

export interface Look {
  /** 'kakao', the prefix of the cookie's name. */
  name: string
  /** The provider's name: '카카오'. */
  provider: Text
  /** The provider's word for an account: '카카오계정'. */
  account: Text
  /** Colours of the main button and of its text. */
  main: string
  onMain: string
  /** The name of the app that is registered at the provider. */
  app: string
}

const style = (look: Look): Html =>
  raw(`
:root { color-scheme: light dark; --back: #f3f4f6; --card: #fff; --ink: #17181a; --soft: #5c6066; --line: #dfe1e5; --main: ${look.main}; --on-main: ${look.onMain}; }
@media (prefers-color-scheme: dark) { :root { --back: #121315; --card: #1d1f22; --ink: #f1f2f4; --soft: #a5a9b0; --line: #363a40; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100dvh; background: var(--back); color: var(--ink); font: 400 1rem/1.6 "Pretendard", "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", system-ui, sans-serif; word-break: keep-all; overflow-wrap: anywhere; }
.strip { padding: .55rem 1rem; background: var(--main); color: var(--on-main); font-size: .875rem; font-weight: 700; text-align: center; }
main { width: min(100% - 2rem, 28rem); margin: clamp(1rem, 6vh, 4rem) auto 2rem; padding: clamp(1.25rem, 6vw, 2.25rem); background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
h1 { margin: 0; text-wrap: balance; font-size: 1.5rem; line-height: 1.3; letter-spacing: -.03em; }
h2 { margin: 0; font-size: 1.0625rem; }
p { margin: .5rem 0 0; }
.soft { color: var(--soft); }
.soft b { color: var(--ink); }
ul { list-style: none; margin: 1.5rem 0 0; padding: 0; display: grid; gap: .6rem; }
.person { display: flex; align-items: center; gap: .9rem; width: 100%; min-height: 64px; padding: .6rem .9rem; border: 1px solid var(--line); border-radius: 10px; background: none; color: inherit; font: inherit; text-align: left; }
button.person { cursor: pointer; }
button.person:hover { border-color: var(--ink); }
.face { flex: none; display: grid; place-items: center; width: 40px; height: 40px; border-radius: 50%; background: var(--main); color: var(--on-main); font-weight: 800; }
.who { min-width: 0; } .person:has(form) { flex-wrap: wrap; } .person:has(form) .who { flex: 1 0 auto; max-width: calc(100% - 40px - .9rem); }
.who b { display: block; line-height: 1.35; }
.who small { display: block; color: var(--soft); font-size: .875rem; line-height: 1.4; }
.person form { margin-left: auto; flex: none; }
fieldset { margin: 1.5rem 0 0; padding: 0; border: 0; border-top: 1px solid var(--line); }
legend { padding: 0 .5rem 0 0; font-weight: 700; }
label { display: flex; align-items: center; gap: .75rem; min-height: 48px; padding: .5rem 0; border-bottom: 1px solid var(--line); }
label input { flex: none; width: 20px; height: 20px; margin: 0; accent-color: var(--ink); }
label em { flex: none; margin-left: auto; color: var(--soft); font-size: .875rem; font-style: normal; }
.actions { display: grid; gap: .6rem; margin-top: 1.5rem; }
.button { min-height: 50px; padding: .5rem 1.1rem; border: 1px solid transparent; border-radius: 10px; background: var(--main); color: var(--on-main); font: inherit; font-weight: 700; cursor: pointer; }
.button.plain { background: none; border-color: var(--line); color: var(--ink); }
.button.small { min-height: 44px; font-size: .9375rem; font-weight: 600; white-space: nowrap; }
.button:hover { filter: brightness(.96); }
.plain:hover { border-color: var(--ink); filter: none; }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
.notice { margin-top: 1.25rem; padding: .8rem 1rem; border-left: 4px solid #1c7a4c; background: #1c7a4c1a; font-weight: 600; }
.empty { padding: 1.25rem 0; color: var(--soft); }
@media (forced-colors: active) { .button { border-color: ButtonText; } }
`)

/** What every page needs to know. */
export interface Scene {
  look: Look
  language: Language
}

export const sceneOf = (look: Look, call: Pick<Call, 'headers'>): Scene => ({
  look,
  language: languageOf(call),
})

const page = ({ look, language }: Scene, status: number, title: string, content: Html): Reply => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    vary: 'Accept-Language',
  },
  body: render(html`<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="data:,"><style>${style(look)}</style></head>
<body><div class="strip" role="note">${textsOf(language).practice(look.provider[language])}</div><main>${content}</main></body></html>`),
})

/** The name in letters that the visitor reads. The app always gets the Korean name. */
export const shownName = ({ name, latinName }: Account, language: Language): string =>
  language === 'en' && latinName !== undefined ? `${latinName} (${name})` : name

/** A letter of the given name. */
const initial = ({ name, latinName }: Account, language: Language): string | undefined =>
  language === 'en' && latinName !== undefined ? latinName.split(' ').at(-1)?.[0] : [...name].at(-1)

const face = (account: Account, language: Language): Html =>
  html`<span class="face" aria-hidden="true">${initial(account, language)}</span><span class="who"><b>${shownName(account, language)}</b><small>${account.detail[language]}</small></span>`

const target = (url: URL): string => `${url.pathname}${url.search}`

export const chooserPage = (scene: Scene, url: URL, accounts: readonly Account[]): Reply => {
  const { look, language } = scene
  const t = textsOf(language)
  const title = t.choose(look.account[language])
  return page(
    scene,
    200,
    title,
    html`<h1>${title}</h1><p class="soft">${t.whoSignsIn(html`<b>${look.app}</b>`)}</p>
<form method="post" action="${target(url)}"><ul>${accounts.map(
      (account) =>
        html`<li><button class="person" name="person" value="${account.id}">${face(account, language)}</button></li>`,
    )}</ul><div class="actions"><button class="button plain" name="answer" value="cancel">${t.cancel}</button></div></form>`,
  )
}

export const consentPage = (
  scene: Scene,
  url: URL,
  account: Account,
  items: readonly ConsentItem[],
): Reply => {
  const { look, language } = scene
  const t = textsOf(language)
  return page(
    scene,
    200,
    t.consentTitle(look.app),
    html`<h1>${t.consent(look.app)}</h1><div class="person" style="margin-top:1.25rem">${face(account, language)}</div>
<form method="post" action="${target(url)}"><input type="hidden" name="person" value="${account.id}">
<fieldset><legend>${t.items}</legend>${items.map(({ scope, label, required }) =>
      required
        ? html`<label><input type="checkbox" checked disabled>${label[language]}<em>${t.required}</em></label>`
        : html`<label><input type="checkbox" name="scope" value="${scope}" checked>${label[language]}<em>${t.optional}</em></label>`,
    )}</fieldset>
<div class="actions"><button class="button" name="answer" value="agree">${t.agree}</button><button class="button plain" name="answer" value="cancel">${t.cancel}</button></div></form>`,
  )
}

/** The people who are connected to the app, each with a button that disconnects them. */
export const connectionsPage = (scene: Scene, connected: readonly Account[], notice?: string): Reply => {
  const { look, language } = scene
  const t = textsOf(language)
  return page(
    scene,
    200,
    `${look.provider[language]} · ${t.connections}`,
    html`<h1>${t.connections}</h1><p class="soft">${t.whoConnected(html`<b>${look.app}</b>`)}</p>
${notice && html`<p class="notice" role="status">${notice}</p>`}
${
  connected.length === 0
    ? html`<p class="empty">${t.nobody}</p>`
    : html`<ul>${connected.map(
        (account) =>
          html`<li class="person">${face(account, language)}<form method="post" action="/connections"><button class="button plain small" name="person" value="${account.id}" aria-label="${t.disconnectPerson(shownName(account, language))}">${t.disconnect}</button></form></li>`,
      )}</ul>`
}`,
  )
}

/** The provider's own error page, for requests that it must not answer with a redirect. */
export const problemPage = (scene: Scene, code: string): Reply => {
  const t = textsOf(scene.language)
  return page(
    scene,
    400,
    t.badRequestTitle,
    html`<h1>${t.badRequest}</h1><p class="soft">${t.checkApp(code)}</p>`,
  )
}

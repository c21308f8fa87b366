// Asks the user to allow or deny the access of a third-party client (G11 in docs/security.md).
import { duration } from './duration.ts'
import { hidden, otherLanguageLink } from './fields.ts'
import { type Html, html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { texts } from './texts.ts'

export interface ConsentView extends PageFrame {
  requestId: string
  clientName: string
  /** Host and port of the redirect URI. */
  redirectHost: string
  scopes: readonly string[]
  /** What scopes of an API mean, in the language of the page. */
  scopeWords: Readonly<Record<string, string>>
  /** How long the access lasts if the client keeps refreshing. */
  lifetimeSeconds: number
  /** The e-mail address, username or name of the account. */
  userLabel: string
}

/** The meaning of a scope for the user; undefined for a scope that the texts do not know. */
export const scopeText = (words: Readonly<Record<string, string>>, scope: string): string | undefined =>
  Object.hasOwn(words, scope) ? words[scope] : undefined

/** Posts `decision` (allow or deny) to /consent. */
export const consentPage = (view: ConsentView): string => {
  const { lang, clientName } = view
  const t = texts(lang)
  const permit = (scope: string): Html => {
    const words = scopeText(t.consent.scopes, scope) ?? scopeText(view.scopeWords, scope)
    return html`<li>${words ?? html`${t.consent.otherScope} <code>${scope}</code>`}</li>`
  }
  const body = html`<h1>${t.consent.title(clientName)}</h1>
<p class="lede">${t.consent.intro}</p>
<ul class="permits">${view.scopes.map(permit)}</ul>
<dl class="facts">
<div><dt>${t.consent.signedInAs}</dt><dd>${view.userLabel}</dd></div>
<div><dt>${t.consent.sendsTo}</dt><dd>${view.redirectHost}</dd></div>
<div><dt>${t.consent.lasts}</dt><dd>${t.consent.upTo(duration(lang, view.lifetimeSeconds))}</dd></div>
</dl>
<form method="post" action="/consent">
${hidden({ request: view.requestId, ui_locales: lang })}
<div class="choices">
<button class="button plain" type="submit" name="decision" value="deny">${t.consent.deny}</button>
<button class="button" type="submit" name="decision" value="allow">${t.consent.allow}</button>
</div>
</form>
<p class="small-print">${t.consent.withdraw}</p>`
  return layout(view, {
    title: t.consent.title(clientName),
    body,
    sheet: 'open',
    languageHref: otherLanguageLink(lang, '/consent', { request: view.requestId }),
  })
}

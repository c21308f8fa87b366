// Asks a signed-in user to continue to an app of the team, before the app gets a code. Any other app on the
// device could use the app's redirect URI (RFC 8252 §8.6).
import type { ConsentView } from './consent-page.ts'
import { hidden, otherLanguageLink } from './fields.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'
import { texts } from './texts.ts'

export type ContinueView = Omit<ConsentView, 'scopes' | 'scopeWords' | 'lifetimeSeconds'>

/** Posts `decision` (allow or deny) to /consent. */
export const continuePage = (view: ContinueView): string => {
  const { lang, clientName, userLabel } = view
  const t = texts(lang)
  const body = html`<h1>${t.continueTo.title(clientName)}</h1>
<p class="lede">${t.continueTo.intro}</p>
<dl class="facts">
<div><dt>${t.consent.signedInAs}</dt><dd>${userLabel}</dd></div>
<div><dt>${t.consent.sendsTo}</dt><dd>${view.redirectHost}</dd></div>
</dl>
<form method="post" action="/consent">
${hidden({ request: view.requestId, ui_locales: lang })}
<div class="choices">
<button class="button plain" type="submit" name="decision" value="deny">${t.continueTo.stop}</button>
<button class="button" type="submit" name="decision" value="allow">${t.continueTo.submit}</button>
</div>
</form>`
  return layout(view, {
    title: t.continueTo.title(clientName),
    body,
    sheet: 'open',
    languageHref: otherLanguageLink(lang, '/consent', { request: view.requestId }),
  })
}

import { html, raw } from './html.ts'
import { type Language, otherLanguage } from './language.ts'
import { layout } from './layout.ts'
import { texts } from './texts.ts'

export interface DocumentedRoute {
  group: string
  method: string
  path: string
  summary: string
  statuses: readonly string[]
}

export interface DocsView {
  lang: Language
  nonce: string
  issuer: string
  version: string
  routes: readonly DocumentedRoute[]
}

const docsStyle = raw(`
.routes{width:100%;border-collapse:collapse;margin:.5rem 0 2.5rem}
.routes td{padding:.6rem .8rem .6rem 0;border-top:1px solid color-mix(in srgb,currentColor 18%,transparent);vertical-align:baseline}
.routes .verb{font:600 .8rem/1.4 ui-monospace,monospace;width:4rem}
.routes code{overflow-wrap:anywhere}
.routes .says{opacity:.8}
.routes .codes{font:.8rem/1.4 ui-monospace,monospace;opacity:.7;text-align:right;white-space:nowrap}
@media (max-width:640px){.routes tr{display:block;padding:.6rem 0;border-top:1px solid color-mix(in srgb,currentColor 18%,transparent)}.routes td{display:block;border:0;padding:.1rem 0;text-align:left!important}}
`)

/** Every route at a glance. The summaries are the document's own, in English. */
export const docsPage = ({ lang, nonce, issuer, version, routes }: DocsView): string => {
  const t = texts(lang).docs
  const groups = [...new Set(routes.map(({ group }) => group))]
  const body = html`<h1>${t.title}</h1>
<p class="lede">${t.text} <a href="/docs/openapi.json">openapi.json</a></p>
<p class="reference"><code>${issuer}</code> · ${version}</p>
${groups.map(
  (group) => html`<h2 lang="en">${group}</h2>
<table class="routes" lang="en">
${routes
  .filter((route) => route.group === group)
  .map(
    ({ method, path, summary, statuses }) => html`<tr>
<td class="verb">${method}</td><td><code>${path}</code></td><td class="says">${summary}</td><td class="codes">${statuses.join(' ')}</td>
</tr>`,
  )}
</table>`,
)}`
  return layout({
    ...{ lang, nonce, title: t.title, body, extraStyle: docsStyle },
    languageHref: `/docs?ui_locales=${otherLanguage(lang)}`,
  })
}

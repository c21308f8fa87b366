// The page at GET /docs: every route with its summary and status codes.
import { html, raw } from '../pages/html.ts'
import { otherLanguage } from '../pages/language.ts'
import { layout, type PageFrame } from '../pages/layout.ts'
import { texts } from '../pages/texts.ts'

export interface DocumentedRoute {
  group: string
  method: string
  path: string
  summary: string
  statuses: readonly string[]
}

export interface DocsView extends PageFrame {
  issuer: string
  version: string
  routes: readonly DocumentedRoute[]
}

const docsStyle = raw(`
.routes { width: 100%; table-layout: fixed; border-collapse: collapse; margin-top: .75rem; }
.routes th, .routes td { padding: .6rem 1rem .6rem 0; border-top: 1px solid var(--line); vertical-align: baseline; text-align: left; font-weight: 400; }
.routes th { width: 24rem; padding-left: 3.5rem; text-indent: -3.5rem; overflow-wrap: anywhere; }
.routes th b { display: inline-block; width: calc(3.5rem - 1ch); text-indent: 0; font-weight: 700; }
.wide .page { max-width: 64rem; }
.routes .codes { width: 9.5rem; padding-right: 0; color: var(--soft); text-align: right; }
.wide main h2 { margin-top: 2.5rem; }
@media (max-width: 640px) { .routes tr, .routes th, .routes td { display: block; width: auto; padding: 0; border: 0; } .routes th { padding-left: 3.5rem; } .routes td { padding-left: 3.5rem; }
  .routes tr { padding: .75rem 0; border-top: 1px solid var(--line); } .routes .codes { width: auto; text-align: left; } }
`)

/** The summaries come from the OpenAPI document, so they are English in both languages. */
export const docsPage = (view: DocsView): string => {
  const { lang, issuer, version, routes } = view
  const t = texts(lang).docs
  const groups = [...new Set(routes.map(({ group }) => group))]
  const body = html`<h1>${t.title}</h1>
<p class="lede">${t.text} <a href="/docs/openapi.json">openapi.json</a></p>
<p class="reference"><code>${issuer}</code> · ${version}</p>
${groups.map(
  (group, index) => html`<h2 lang="en" id="group-${index}">${group}</h2>
<table class="routes" lang="en" aria-labelledby="group-${index}">
${routes
  .filter((route) => route.group === group)
  .map(
    ({ method, path, summary, statuses }) => html`<tr>
<th scope="row"><code><b>${method}</b> ${path}</code></th><td>${summary}</td><td class="codes"><code>${statuses.join(' ')}</code></td>
</tr>`,
  )}
</table>`,
)}`
  return layout(view, {
    title: t.title,
    body,
    extraStyle: docsStyle,
    languageHref: `/docs?ui_locales=${otherLanguage(lang)}`,
  })
}

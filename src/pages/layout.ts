// The sheet every page is printed on. Owns the document around a page; all that it needs is inside it, so that the
// Content-Security-Policy can forbid everything else (checklist G5, G9).
import { type Html, html, render } from './html.ts'
import { type Language, otherLanguage } from './language.ts'
import { manuscript, type Phrase } from './manuscript.ts'
import { sealIcon, sealMark } from './seal.ts'
import { style } from './style.ts'
import { texts } from './texts.ts'

export interface Page {
  lang: Language
  title: string
  body: Html
  /** Of this response's Content-Security-Policy. */
  nonce: string
  script?: Html
  /** More CSS, after the common one. */
  extraStyle?: Html
  /** The same page in the other language; no switch is shown without it. */
  languageHref?: string
  /** The words beside a narrow page; a page without them takes the whole width. */
  phrase?: Phrase
}

/** A whole HTML document. */
export const layout = (page: Page): string => {
  const { lang, nonce, phrase } = page
  const t = texts(lang)
  return render(html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#f4f1ea" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#161412" media="(prefers-color-scheme: dark)">
<meta name="robots" content="noindex">
<title>${page.title} · Dojang</title>
<link rel="icon" href="${sealIcon}">
<style nonce="${nonce}">${style}${page.extraStyle}</style>
</head>
<body class="${phrase ? 'sheet' : 'wide'}">
<a class="skip" href="#main">${t.skip}</a>
${phrase && manuscript(phrase)}
<div class="page">
<header class="bar">
<p class="brand">${sealMark('mark')}<span>Dojang</span></p>
${page.languageHref && html`<a class="language" href="${page.languageHref}" lang="${otherLanguage(lang)}" hreflang="${otherLanguage(lang)}">${t.switchLanguage}</a>`}
</header>
<main id="main" tabindex="-1">
${page.body}
</main>
<footer class="foot"><p>${t.footer}</p></footer>
</div>
${page.script && html`<script nonce="${nonce}">${page.script}</script>`}
</body>
</html>
`)
}

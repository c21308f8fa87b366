// The HTML document around every page. Styles, scripts and images are inline, so that the
// Content-Security-Policy can forbid all other sources (G5, G9 in docs/security.md).
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
  /** The nonce of this response's Content-Security-Policy. */
  nonce: string
  script?: Html
  /** The path of a script that browsers keep. It runs after `script`. */
  scriptPath?: string | undefined
  /** CSS of this page, after the common CSS. */
  extraStyle?: Html
  /** The path of the same page in the other language. Without it there is no language switch. */
  languageHref?: string
  /** The words beside a narrow page. A page without a phrase uses the whole width. */
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
${page.scriptPath !== undefined && html`<script nonce="${nonce}" src="${page.scriptPath}" defer></script>`}
</body>
</html>
`)
}

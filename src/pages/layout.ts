// The HTML document around every page. Styles, scripts and images come from the issuer alone, so that the
// Content-Security-Policy can forbid all other sources (G5, G9 in docs/security.md).
import { type Brand, documentsOf } from './brand.ts'
import { type Html, html, type Part, render } from './html.ts'
import { type Language, otherLanguage } from './language.ts'
import { sealIn } from './seal.ts'
import { style } from './style.ts'
import { texts } from './texts.ts'

/** The members that every page needs for one answer. */
export interface PageFrame {
  lang: Language
  /** The nonce of this response's Content-Security-Policy. */
  nonce: string
  brand: Brand
}

export interface Page {
  title: string
  body: Html
  script?: Html
  /** The path of a script that browsers keep. It runs after `script`. */
  scriptPath?: string | undefined
  /** CSS of this page, after the common CSS. */
  extraStyle?: Html
  /** The same page in the other language. Without it there is no language switch. */
  languageHref?: string | undefined
  /** A narrow page. `sealed` if the user's act is done: then Dojang presses its seal. Absent: a wide page. */
  sheet?: 'open' | 'sealed'
}

/** A link to a document of the operator. It opens beside the page, so that the user loses no form. */
export const documentLink = (url: string, words: string): Html =>
  html`<a href="${url}" target="_blank" rel="noopener">${words}</a>`

const foot = ({ lang, brand }: PageFrame): Part => {
  const links = documentsOf(brand, texts(lang).documents).map(([label, url]) => documentLink(url, label))
  if (links.length === 0 && brand.footer === undefined) return undefined
  return html`<footer class="foot">${links.length > 0 && html`<p>${links}</p>`}${brand.footer !== undefined && html`<p>${brand.footer}</p>`}</footer>`
}

/** A whole HTML document. */
export const layout = (frame: PageFrame, page: Page): string => {
  const { lang, nonce, brand } = frame
  const { sheet } = page
  const t = texts(lang)
  const stamped = sheet === 'sealed' && brand.isDojang
  const kinds = [sheet ? 'sheet' : 'wide', brand.isDojang && 'dojang'].filter(Boolean).join(' ')
  return render(html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="${brand.themes.light.paper}" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="${brand.themes.dark.paper}" media="(prefers-color-scheme: dark)">
<meta name="robots" content="noindex">
<title>${page.title} · ${brand.name}</title>
<link rel="icon" href="${brand.icon}">
<style nonce="${nonce}">${brand.colours}${style}${page.extraStyle}</style>
</head>
<body class="${kinds}">
<a class="skip" href="#main">${t.skip}</a>
<div class="page">
<div class="card${stamped && ' stamped'}">
<header class="bar">
<p class="brand">${brand.mark}<span>${brand.name}</span></p>
${page.languageHref !== undefined && html`<a class="language" href="${page.languageHref}" lang="${otherLanguage(lang)}" hreflang="${otherLanguage(lang)}">${t.switchLanguage}</a>`}
</header>
<main id="main" tabindex="-1">
${page.body}
</main>
${stamped && sealIn('stamp')}
</div>
${foot(frame)}
</div>
${page.script && html`<script nonce="${nonce}">${page.script}</script>`}
${page.scriptPath !== undefined && html`<script nonce="${nonce}" src="${page.scriptPath}" defer></script>`}
</body>
</html>
`)
}

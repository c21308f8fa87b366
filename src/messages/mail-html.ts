// The HTML of a mail. Mail programs know only old HTML: tables, and styles in attributes. The style element
// adds the dark colours for the programs that read it.
import type { MailLocale } from '../mail/compose.ts'
import { html, raw, render } from '../pages/html.ts'
import type { Words } from './messages.en.ts'

export interface MailView {
  locale: MailLocale
  /** The name of the installation. */
  brand: string
  words: Words
  facts: readonly (readonly [label: string, value: string])[]
  /** The address behind the button. */
  link?: string
  linkBelow: string
  footer: string
}

const dark = raw(`
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .paper { background-color: #161412 !important; }
  .sheet { background-color: #1f1c19 !important; border-color: #cc3a25 #38332c #38332c !important; }
  .ink { color: #f0eae0 !important; }
  .soft { color: #aea597 !important; }
  .line { border-color: #38332c !important; }
  .link { color: #ff8d76 !important; }
}
@media (max-width: 480px) {
  .sheet { padding: 28px 22px !important; }
}`)

const font = raw(
  `font-family: Pretendard, 'Apple SD Gothic Neo', 'Noto Sans KR', 'Noto Sans CJK KR', 'Malgun Gothic', -apple-system, 'Segoe UI', Roboto, Arial, sans-serif;`,
)
const wrap = raw('word-break: keep-all; overflow-wrap: break-word;')

/** A whole HTML document. It loads nothing, so no server learns when a mail is opened. */
export const mailHtml = ({ locale, brand, words, facts, link, linkBelow, footer }: MailView): string =>
  render(html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>${words.subject}</title>
<style>${dark}</style>
</head>
<body class="paper" style="margin: 0; padding: 0; background-color: #f4f1ea; ${font} -webkit-text-size-adjust: 100%;">
<table class="paper" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color: #f4f1ea;">
<tr><td align="center" style="padding: 32px 12px 40px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width: 520px;">
<tr><td class="ink" style="padding: 0 4px 14px; color: #1c1916; font-size: 17px; line-height: 1.4; font-weight: 700; text-align: left;">${brand}</td></tr>
<tr><td class="sheet" style="padding: 36px 36px; background-color: #fcfbf8; border: 1px solid #d8d1c4; border-top: 4px solid #c2321e; text-align: left;">
<h1 class="ink" style="margin: 0 0 16px; color: #1c1916; font-size: 24px; line-height: 1.35; font-weight: 700; ${wrap} text-wrap: balance;">${words.title}</h1>
${words.lines.map((line) => html`<p class="ink" style="margin: 0 0 12px; color: #1c1916; font-size: 16px; line-height: 1.65; ${wrap}">${line}</p>\n`)}
${
  facts.length > 0 &&
  html`<table class="line" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin: 20px 0; border-top: 1px solid #d8d1c4;">
${facts.map(
  ([label, value]) => html`<tr>
<td class="soft line" width="1" valign="top" style="padding: 10px 16px 10px 0; border-bottom: 1px solid #d8d1c4; color: #5f574d; font-size: 14px; line-height: 1.5; white-space: nowrap;">${label}</td>
<td class="ink line" valign="top" style="padding: 10px 0; border-bottom: 1px solid #d8d1c4; color: #1c1916; font-size: 14px; line-height: 1.5; ${wrap}">${value}</td>
</tr>
`,
)}</table>`
}
${
  link !== undefined &&
  html`<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin: 24px 0 20px;">
<tr><td bgcolor="#c2321e" style="background-color: #c2321e; border-radius: 3px;"><a href="${link}" style="display: inline-block; padding: 14px 26px; color: #ffffff; font-size: 16px; line-height: 1.3; font-weight: 700; text-decoration: none;">${words.button}</a></td></tr>
</table>`
}
${words.notes.map((note) => html`<p class="soft" style="margin: 0 0 8px; color: #5f574d; font-size: 14px; line-height: 1.6; ${wrap}">${note}</p>\n`)}
${
  link !== undefined &&
  html`<p class="soft line" style="margin: 20px 0 0; padding-top: 16px; border-top: 1px solid #d8d1c4; color: #5f574d; font-size: 13px; line-height: 1.6; ${wrap}">${linkBelow}<br><a class="link" href="${link}" style="color: #a92a17; word-break: break-all;">${link}</a></p>`
}
</td></tr>
<tr><td class="soft" style="padding: 16px 4px 0; color: #5f574d; font-size: 13px; line-height: 1.6; text-align: left; ${wrap}">${footer.split('\n').map((line, index) => html`${index > 0 && html`<br>`}${line}`)}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`)

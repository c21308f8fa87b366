// The HTML of a mail. Mail programs know only old HTML: tables, and styles in attributes. The style element
// adds the dark colours for the programs that read it.
import type { MailLocale } from '../mail/compose.ts'
import type { Themes } from '../pages/colours.ts'
import { type Html, html, raw, render } from '../pages/html.ts'
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
  footer: readonly string[]
  /** The terms and the privacy policy of the operator. */
  documents: readonly (readonly [label: string, url: string])[]
  /** The colours of the pages. */
  themes: Themes
}

const darkStyle = ({ paper, sheet, ink, soft, line, seal, ...colours }: Themes['dark']): Html =>
  raw(`
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .paper { background-color: ${paper} !important; }
  .sheet { background-color: ${sheet} !important; border-color: ${seal} ${line} ${line} !important; }
  .ink { color: ${ink} !important; }
  .soft { color: ${soft} !important; }
  .line { border-color: ${line} !important; }
  .link { color: ${colours['seal-text']} !important; }
  .button { background-color: ${seal} !important; }
  .button a { color: ${colours['on-seal']} !important; }
}
@media (max-width: 480px) {
  .sheet { padding: 28px 22px !important; }
}`)

const font = raw(
  `font-family: Pretendard, 'Apple SD Gothic Neo', 'Noto Sans KR', 'Noto Sans CJK KR', 'Malgun Gothic', -apple-system, 'Segoe UI', Roboto, Arial, sans-serif;`,
)
const wrap = raw('word-break: keep-all; overflow-wrap: break-word;')

/** A whole HTML document. It loads nothing, so no server learns when a mail is opened. */
export const mailHtml = (view: MailView): string => {
  const { locale, brand, words, facts, link, linkBelow, documents, themes } = view
  const { paper, sheet, ink, soft, line, seal, ...colours } = themes.light
  const documentLinks = documents.map(
    ([label, url], index) =>
      html`${index > 0 && ' · '}<a class="link" href="${url}" style="display: inline-block; padding: 4px 0; color: ${colours['seal-text']};">${label}</a>`,
  )
  const footer = [...view.footer, ...(documents.length > 0 ? [documentLinks] : [])]
  return render(html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>${words.subject}</title>
<style>${darkStyle(themes.dark)}</style>
</head>
<body class="paper" style="margin: 0; padding: 0; background-color: ${paper}; ${font} -webkit-text-size-adjust: 100%;">
<table class="paper" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color: ${paper};">
<tr><td align="center" style="padding: 32px 12px 40px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width: 520px;">
<tr><td class="ink" style="padding: 0 4px 14px; color: ${ink}; font-size: 17px; line-height: 1.4; font-weight: 700; text-align: left;">${brand}</td></tr>
<tr><td class="sheet" style="padding: 36px 36px; background-color: ${sheet}; border: 1px solid ${line}; border-top: 4px solid ${seal}; text-align: left;">
<h1 class="ink" style="margin: 0 0 16px; color: ${ink}; font-size: 24px; line-height: 1.35; font-weight: 700; ${wrap} text-wrap: balance;">${words.title}</h1>
${words.lines.map((line) => html`<p class="ink" style="margin: 0 0 12px; color: ${ink}; font-size: 16px; line-height: 1.65; ${wrap}">${line}</p>\n`)}
${
  facts.length > 0 &&
  html`<table class="line" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin: 20px 0; border-top: 1px solid ${line};">
${facts.map(
  ([label, value]) => html`<tr>
<td class="soft line" width="1" valign="top" style="padding: 10px 16px 10px 0; border-bottom: 1px solid ${line}; color: ${soft}; font-size: 14px; line-height: 1.5; white-space: nowrap;">${label}</td>
<td class="ink line" valign="top" style="padding: 10px 0; border-bottom: 1px solid ${line}; color: ${ink}; font-size: 14px; line-height: 1.5; ${wrap}">${value}</td>
</tr>
`,
)}</table>`
}
${
  link !== undefined &&
  html`<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin: 24px 0 20px;">
<tr><td class="button" bgcolor="${seal}" style="background-color: ${seal}; border-radius: 3px;"><a href="${link}" style="display: inline-block; padding: 14px 26px; color: ${colours['on-seal']}; font-size: 16px; line-height: 1.3; font-weight: 700; text-decoration: none;">${words.button}</a></td></tr>
</table>`
}
${words.notes.map((note) => html`<p class="soft" style="margin: 0 0 8px; color: ${soft}; font-size: 14px; line-height: 1.6; ${wrap}">${note}</p>\n`)}
${
  link !== undefined &&
  html`<p class="soft line" style="margin: 20px 0 0; padding-top: 16px; border-top: 1px solid ${line}; color: ${soft}; font-size: 13px; line-height: 1.6; ${wrap}">${linkBelow}<br><a class="link" href="${link}" style="color: ${colours['seal-text']}; word-break: break-all;">${link}</a></p>`
}
</td></tr>
<tr><td class="soft" style="padding: 16px 4px 0; color: ${soft}; font-size: 13px; line-height: 1.6; text-align: left; ${wrap}">${footer.map((line, index) => html`${index > 0 && html`<br>`}${line}`)}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`)
}

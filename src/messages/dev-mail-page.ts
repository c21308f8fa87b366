// The pages of /dev/mail: the list of the mails, and one mail in a frame.
import type { Message } from '../mail/message.ts'
import { type Html, html, raw } from '../pages/html.ts'
import { type Language, otherLanguage } from '../pages/language.ts'
import { layout, type PageFrame } from '../pages/layout.ts'

const texts = {
  en: {
    title: 'Mails',
    lede: 'No mail server is configured (SMTP_URL), so this local issuer shows its mails here and sends none. Only this machine can open the page. A restart forgets the mails.',
    none: 'There is no mail yet.',
    back: 'All mails',
    to: 'To',
    html: 'As HTML',
    text: 'As plain text',
  },
  ko: {
    title: '메일',
    lede: '메일 서버(SMTP_URL)를 설정하지 않아서, 메일을 실제로 보내지 않고 여기에 보여 드려요. 이 컴퓨터에서만 볼 수 있고, 서버를 다시 시작하면 사라져요.',
    none: '아직 메일이 없어요.',
    back: '모든 메일',
    to: '받는 사람',
    html: 'HTML로 본 모습',
    text: '텍스트로 본 모습',
  },
} as const

const mailStyle = raw(`
.mails { list-style: none; margin-top: 2rem; border-top: 1px solid var(--line); }
.mails li { padding: .9rem 0; border-bottom: 1px solid var(--line); }
.mails a { font-weight: 600; }
.meta { display: flex; flex-wrap: wrap; column-gap: .875rem; margin-top: .25rem; color: var(--soft); font-size: .9375rem; overflow-wrap: anywhere; }
.time { white-space: nowrap; }
.wide main h2 { margin-top: 2rem; }
.back { margin-bottom: 1rem; }
.mail { display: block; width: 100%; height: 48rem; margin-top: .75rem; border: 1px solid var(--line); }
.plain-text { margin-top: .75rem; padding: 1rem; border: 1px solid var(--line); background: var(--sheet); white-space: pre-wrap; overflow-wrap: anywhere; }
`)

const page = (frame: PageFrame, path: string, title: string, body: Html): string =>
  layout(frame, {
    title,
    body,
    extraStyle: mailStyle,
    languageHref: `${path}?ui_locales=${otherLanguage(frame.lang)}`,
  })

/** The time as the reader's program would show it. The server's machine is the reader's machine. */
const time = (lang: Language, at: Date): Html =>
  html`<span class="time">${new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'medium' }).format(at)}</span>`

export const devMailListPage = (frame: PageFrame, mails: readonly Message[]): string => {
  const { lang } = frame
  const t = texts[lang]
  const body = html`<h1>${t.title}</h1>
<p class="lede">${t.lede}</p>
${
  mails.length === 0
    ? html`<p class="remark">${t.none}</p>`
    : html`<ul class="mails">${mails.map(
        ({ id, subject, to, composedAt }) =>
          html`<li><a href="/dev/mail/${id}?ui_locales=${lang}">${subject}</a><p class="meta"><span>${to}</span>${time(lang, composedAt)}</p></li>\n`,
      )}</ul>`
}`
  return page(frame, '/dev/mail', t.title, body)
}

export const devMailPage = (frame: PageFrame, { id, to, subject, text, composedAt }: Message): string => {
  const { lang } = frame
  const t = texts[lang]
  // The frame has an origin of its own and runs no script. A click on a link leaves the frame.
  const body = html`<p class="back"><a href="/dev/mail?ui_locales=${lang}">${t.back}</a></p>
<h1>${subject}</h1>
<p class="meta"><span>${t.to}: ${to}</span>${time(lang, composedAt)}</p>
<h2>${t.html}</h2>
<iframe class="mail" title="${t.html}" src="/dev/mail/${id}/html" sandbox="allow-top-navigation-by-user-activation" referrerpolicy="no-referrer"></iframe>
<h2>${t.text}</h2>
<pre class="plain-text">${text}</pre>`
  return page(frame, `/dev/mail/${id}`, subject, body)
}

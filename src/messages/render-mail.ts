// Writes the text of a mail: subject, plain text and HTML. messages.*.ts have the sentences.
import type { MailContent, MailLocale } from '../mail/compose.ts'
import type { MessageText, RenderMail } from '../mail/message.ts'
import { type Brand, documentsOf } from '../pages/brand.ts'
import { moment } from '../pages/duration.ts'
import { providerName } from '../pages/provider-buttons.ts'
import { texts } from '../pages/texts.ts'
import { userAgentName } from '../pages/user-agent.ts'
import { type MailView, mailHtml } from './mail-html.ts'
import { en, type Messages, type Words } from './messages.en.ts'
import { ko } from './messages.ko.ts'

const messages: Readonly<Record<MailLocale, Messages>> = { ko, en }

/** `jane@example.com` becomes `j***@e***.com`. The owner recognises it, and it cannot name a site. */
export const maskEmail = (email: string): string => {
  const [local = '', domain = ''] = email.split('@')
  const ending = domain.slice(domain.lastIndexOf('.'))
  return `${[...local][0] ?? ''}***@${[...domain][0] ?? ''}***${ending}`
}

const wordsOf = (t: Messages, name: string, content: MailContent): Words => {
  const { locale } = content
  switch (content.kind) {
    case 'confirm_email':
      return t.confirmEmail(name, content.minutes)
    case 'reset_password':
      return t.resetPassword(name, content.minutes)
    case 'confirm_new_email':
      return t.confirmNewEmail(name, content.minutes)
    case 'password_changed':
      return t.passwordChanged(name)
    case 'provider_linked':
      return t.providerLinked(name, providerName(locale, content.provider))
    case 'provider_unlinked':
      return t.providerUnlinked(name, providerName(locale, content.provider))
    case 'email_changed':
      return t.emailChanged(name)
    case 'new_device':
      return t.newDevice(name)
    case 'account_deleted':
      return t.accountDeleted(name)
    case 'already_registered':
      return t.alreadyRegistered(name)
    case 'test':
      return t.test(name)
  }
}

/** Labels and values about an event, such as its time. A mail that asks the reader to act has none. */
const factsOf = (t: Messages, content: MailContent, at: Date): (readonly [string, string])[] => {
  const time = [t.time, moment(content.locale, at)] as const
  switch (content.kind) {
    case 'password_changed':
    case 'provider_linked':
    case 'provider_unlinked':
    case 'account_deleted':
    case 'test':
      return [time]
    case 'email_changed':
      return [time, [t.newAddress, maskEmail(content.newEmail)]]
    case 'new_device':
      return [
        time,
        [t.device, userAgentName(content.userAgent) ?? t.unknownDevice],
        ...(content.ip === undefined ? [] : [[t.ip, content.ip] as const]),
      ]
    default:
      return []
  }
}

const labelled = ([label, value]: readonly [string, string]): string => `${label}: ${value}`

const plainText = ({ brand, words, facts, link, footer, documents }: MailView): string =>
  [
    brand,
    words.title,
    words.lines.join('\n'),
    facts.map(labelled).join('\n'),
    link === undefined ? '' : `${words.button}:\n${link}`,
    words.notes.join('\n'),
    ['-- ', ...footer, ...documents.map(labelled)].join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n')

/** @param options.name the name of the installation */
export const createRenderMail =
  ({ issuer, name, brand }: { issuer: string; name: string; brand: Brand }): RenderMail =>
  (content, composedAt): MessageText => {
    const { locale } = content
    const t = messages[locale]
    const words = wordsOf(t, name, content)
    // A path begins with a slash, so no path can change the host (F19 in docs/security.md).
    const path = 'path' in content ? content.path : '/account'
    const view: MailView = {
      locale,
      brand: name,
      words,
      facts: factsOf(t, content, composedAt),
      linkBelow: t.linkBelow,
      footer: [t.footer(name), brand.footer, issuer].filter((line) => line !== undefined),
      documents: documentsOf(brand, texts(locale).documents),
      themes: brand.themes,
      ...(words.button !== undefined && { link: `${issuer}/${path.slice(1)}` }),
    }
    return { subject: words.subject, text: `${plainText(view)}\n`, html: mailHtml(view) }
  }

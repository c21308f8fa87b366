// One mail of each kind.
import type { Mail, MailContent, MailLocale } from '../../src/mail/compose.ts'
import type { MailKind } from '../../src/mail/mail-queue.ts'

/** What a browser sends: a long name, of which the mails show only two words. */
const userAgent =
  'Mozilla/5.0 (Linux; Android 15; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36'

type Facts = { [Kind in MailKind]: Omit<Extract<MailContent, { kind: Kind }>, 'kind' | 'to' | 'locale'> }

const token = 'kq3Zs0J1vXyW5b7dN2mRfLhTgUaPeC8i4oE6SxQ9wBk'

const facts: Facts = {
  confirm_email: { path: `/email/confirm?token=${token}`, minutes: 60 },
  reset_password: { path: `/password/reset?token=${token}`, minutes: 30 },
  confirm_new_email: { path: `/email/confirm?token=${token}`, minutes: 60 },
  password_changed: {},
  provider_linked: { provider: 'kakao' },
  provider_unlinked: { provider: 'google' },
  email_changed: { newEmail: 'jane@example.org' },
  new_device: { userAgent, ip: '203.0.113.24' },
  account_deleted: {},
  already_registered: { path: '/login' },
  test: {},
}

export const everyMail = (locale: MailLocale, to: string): Mail[] =>
  Object.entries(facts).map(([kind, own]) => ({ kind, to, locale, ...own }) as Mail)

// Mails that tell a user about a change of the account. They go only to a verified address, because an
// unverified one may belong to someone else.
import type { UserId } from '../ids.ts'
import type { ComposeMail, MailContent, MailLocale } from './compose.ts'
import type { QueuedMail } from './mail-queue.ts'

type NoticeKind =
  | 'password_changed'
  | 'provider_linked'
  | 'provider_unlinked'
  | 'email_changed'
  | 'new_device'
  | 'account_deleted'

/** The kind and the facts of a notice, without its address. `provider` is the id of the provider. */
export type Notice = {
  [Kind in NoticeKind]: Omit<Extract<MailContent, { kind: Kind }>, 'to' | 'locale'>
}[NoticeKind]

export interface NoticeRecipient {
  id: UserId
  email?: string
  emailVerified: boolean
  locale?: string
}

/** The mails for the store method that makes the change: one, or none if the user gets no notice. */
export type ComposeNotice = (user: NoticeRecipient, notice: Notice) => readonly QueuedMail[]

/** The language of a user's mails. */
export const mailLocaleOf = ({ locale }: { locale?: string }): MailLocale =>
  locale?.toLowerCase().startsWith('ko') ? 'ko' : 'en'

const providerNames: Readonly<Record<string, Record<MailLocale, string>>> = {
  kakao: { ko: '카카오', en: 'Kakao' },
  google: { ko: '구글', en: 'Google' },
  naver: { ko: '네이버', en: 'Naver' },
}

const withProviderName = (notice: Notice, locale: MailLocale): Notice =>
  'provider' in notice
    ? { ...notice, provider: providerNames[notice.provider]?.[locale] ?? notice.provider }
    : notice

export const createComposeNotice =
  (composeMail: ComposeMail | undefined): ComposeNotice =>
  (user, notice) => {
    if (composeMail === undefined || user.email === undefined || !user.emailVerified) return []
    const locale = mailLocaleOf(user)
    return [composeMail({ ...withProviderName(notice, locale), to: user.email, locale, userId: user.id })]
  }

// Makes a link together with the mail that carries it. It stores nothing.
import type { Clock } from '../clock.ts'
import type { ComposeMail, IssuerPath, MailLocale } from '../mail/compose.ts'
import type { QueuedMail } from '../mail/mail-queue.ts'
import type { User } from '../users/user.ts'
import { type EmailLink, type LinkPurpose, linkMinutes, newEmailLink } from './email-link.ts'

/** The page of each link. The address in the mail is the configured issuer and this path. */
export const linkPages = {
  confirm_email: '/confirm-email',
  reset_password: '/reset-password',
  change_email: '/change-email',
} as const satisfies Record<LinkPurpose, IssuerPath>

const mailKinds = {
  confirm_email: 'confirm_email',
  reset_password: 'reset_password',
  change_email: 'confirm_new_email',
} as const

export type ComposeLink = (
  purpose: LinkPurpose,
  user: Pick<User, 'id' | 'email' | 'passwordHash'>,
  to: { email: string; locale: MailLocale },
) => { link: EmailLink; mail: QueuedMail }

export const createComposeLink =
  ({ clock, composeMail }: { clock: Clock; composeMail: ComposeMail }): ComposeLink =>
  (purpose, user, { email, locale }) => {
    const { token, link } = newEmailLink(purpose, user, email, clock)
    const mail = composeMail({
      kind: mailKinds[purpose],
      to: link.email,
      locale,
      userId: user.id,
      path: `${linkPages[purpose]}?token=${token}`,
      minutes: linkMinutes[purpose],
    })
    return { link, mail }
  }

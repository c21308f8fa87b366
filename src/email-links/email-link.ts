// Links in mails that prove an e-mail address. Owns the record and its port. A link works once, for one
// purpose, one user and one address (F19 in docs/security.md).
import { type Clock, secondsAfter } from '../clock.ts'
import type { UserId } from '../ids.ts'
import type { QueuedMail } from '../mail/mail-queue.ts'
import { hashToken, randomToken, sameSecret } from '../secrets.ts'
import { type NewUser, normalEmail, type User } from '../users/user.ts'

export const linkPurposes = ['confirm_email', 'reset_password', 'change_email'] as const

export type LinkPurpose = (typeof linkPurposes)[number]

/** How long a link works. A link never works longer than an hour (F19 in docs/security.md). */
export const linkMinutes = { confirm_email: 60, reset_password: 30, change_email: 60 } as const

export interface EmailLink {
  /** The store keeps no usable link. */
  tokenHash: string
  purpose: LinkPurpose
  userId: UserId
  /** The address that got the link. For `change_email` it is the new address. */
  email: string
  /**
   * The hash of the account at the time of issue. It ends the link if the password or the address changes, or
   * if somebody ends all access to the account, as an owner does who takes it over.
   */
  accountHash: string
  createdAt: Date
  expiresAt: Date
}

/** What a link changes, in the step that uses it up. */
export type LinkEffect =
  | { purpose: 'confirm_email' }
  | { purpose: 'reset_password'; passwordHash: string }
  | { purpose: 'change_email' }

/** 'dead': unknown, used, expired or of another purpose, or the account changed or is disabled. */
export type Redeemed = 'redeemed' | 'dead' | 'email_taken'

export interface EmailLinks {
  /** Stores the link and its mail in one step, and ends the earlier links of this user and purpose. */
  issue(link: EmailLink, mail: QueuedMail): Promise<void>
  /** Creates the user with the link and its mail in one step, as `Users.create` does. */
  register(
    user: NewUser,
    link: EmailLink,
    mail: QueuedMail,
  ): Promise<'created' | 'email_taken' | 'username_taken'>
  find(tokenHash: string): Promise<EmailLink | undefined>
  /** Ends the link of this user and purpose, if there is one. */
  end(userId: UserId, purpose: LinkPurpose): Promise<void>
  /**
   * Uses the link up, changes the user and stores the mails, in one step. Of any number of concurrent calls
   * exactly one is 'redeemed'. A link verifies its address. A new password also moves `tokensValidAfter`. If
   * the address was not verified before, it also removes the identities and consents of the user: an attacker
   * may have created the account (F10 in docs/security.md).
   */
  redeem(tokenHash: string, effect: LinkEffect, mails: readonly QueuedMail[], now: Date): Promise<Redeemed>
}

/** The part of an account that a link depends on. */
type LinkedAccount = Pick<User, 'id' | 'email' | 'passwordHash' | 'tokensValidAfter'>

export const accountHash = ({ id, email, passwordHash, tokensValidAfter }: LinkedAccount): string =>
  hashToken(JSON.stringify([id, email && normalEmail(email), passwordHash ?? null, tokensValidAfter ?? null]))

/** Whether the link still works for this user. */
export const isUsable = (
  link: EmailLink,
  purpose: LinkPurpose,
  user: (LinkedAccount & Pick<User, 'disabledAt'>) | undefined,
  now: Date,
): boolean =>
  user !== undefined &&
  user.id === link.userId &&
  user.disabledAt === undefined &&
  link.purpose === purpose &&
  sameSecret(link.accountHash, accountHash(user)) &&
  now < link.expiresAt

/** A new link, and the token that only the mail contains. */
export const newEmailLink = (
  purpose: LinkPurpose,
  user: LinkedAccount,
  email: string,
  { now }: Clock,
): { token: string; link: EmailLink } => {
  const token = randomToken()
  const createdAt = now()
  return {
    token,
    link: {
      tokenHash: hashToken(token),
      purpose,
      userId: user.id,
      email: normalEmail(email),
      accountHash: accountHash(user),
      createdAt,
      expiresAt: secondsAfter(createdAt, linkMinutes[purpose] * 60),
    },
  }
}

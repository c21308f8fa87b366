// The mails that wait to be sent, or that could not be sent. Owns the record and its port. compose.ts makes
// the records, and send-mail.ts sends them.
import type { UserId } from '../ids.ts'

export const mailKinds = [
  'confirm_email',
  'reset_password',
  'confirm_new_email',
  'password_changed',
  'provider_linked',
  'provider_unlinked',
  'email_changed',
  'new_device',
  'account_deleted',
  'already_registered',
  'test',
] as const

export type MailKind = (typeof mailKinds)[number]

export interface QueuedMail {
  /** Random. The Message-ID is made from it, so a mail that is delivered twice can be recognised. */
  id: string
  kind: MailKind
  /** The user that the mail is about. The user may be deleted before the mail is sent. */
  userId?: UserId
  /** The address, the language and the facts, encrypted. No address is in the database in clear text. */
  sealed: string
  createdAt: Date
}

export interface MailRecord extends QueuedMail {
  /** The number of attempts, the current one included. */
  attempts: number
  dueAt: Date
  /** Why the last attempt failed. Codes only, because the text of a mail server may contain the address. */
  lastError?: string
  /** Present for a dead letter: Dojang does not try again by itself. */
  failedAt?: Date
}

export interface MailQueueState {
  /** Mails that are not sent yet, without the dead letters. */
  waiting: number
  /** The time of the oldest mail that waits. */
  waitingSince?: Date
  failed: number
}

export interface MailQueue {
  /** The mail is due at once. Other stores insert one in the transaction of the change that it tells of. */
  enqueue(mail: QueuedMail): Promise<void>
  /** Leases up to `limit` due mails until `leaseUntil`, oldest first, and counts an attempt for each. */
  lease(limit: number, now: Date, leaseUntil: Date): Promise<MailRecord[]>
  /** Deletes a mail that the mail server accepted. Safe to repeat. */
  sent(id: string): Promise<void>
  /** Makes a mail that could not be sent due again at `at`. */
  postpone(id: string, at: Date, error: string): Promise<void>
  /** Makes a mail a dead letter, which is kept for `keepDeadLettersSeconds`. */
  giveUp(id: string, now: Date, error: string): Promise<void>
  /** Dead letters first, then by age, oldest first. */
  list(limit: number): Promise<MailRecord[]>
  state(): Promise<MailQueueState>
  /**
   * Makes a dead letter due now, with no attempts. Without an id it does so for all dead letters. Returns how
   * many it found. A mail that waits is not changed, because a worker may be sending it now.
   */
  retry(now: Date, id?: string): Promise<number>
}

/** After this time a dead letter is deleted. */
export const keepDeadLettersSeconds = 30 * 86_400

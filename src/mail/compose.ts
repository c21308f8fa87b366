// Makes the record of a mail. It is pure, so a store can insert the record in the same transaction as the
// change that the mail tells of. messages.ts writes the text later, when the mail is sent.
import type { Clock } from '../clock.ts'
import type { RecordSealing } from '../encryption/sealing.ts'
import type { UserId } from '../ids.ts'
import { randomToken } from '../secrets.ts'
import type { MailKind, QueuedMail } from './mail-queue.ts'

export const mailLocales = ['ko', 'en'] as const
export type MailLocale = (typeof mailLocales)[number]

/** A path with its query. The link in the mail is the issuer and this path, so it names no other host. */
export type IssuerPath = `/${string}`

interface Link {
  path: IssuerPath
  /** How long the link works. A mail that is still waiting then is not sent any more. */
  minutes: number
}

/** The facts of each kind. The time of the event is the time when the mail was composed. */
interface MailFacts extends Record<MailKind, object> {
  confirm_email: Link
  reset_password: Link
  confirm_new_email: Link
  password_changed: object
  /** `provider` is its id, for example `google`. */
  provider_linked: { provider: string }
  provider_unlinked: { provider: string }
  /** Goes to the old address. The message shows the new address masked. */
  email_changed: { newEmail: string }
  new_device: { userAgent?: string; ip?: string }
  account_deleted: object
  /** Somebody tried to register with the address. `path` leads to the sign-in page. */
  already_registered: { path: IssuerPath }
  test: object
}

/** The decrypted content of a mail. */
export type MailContent = {
  [Kind in MailKind]: { kind: Kind; to: string; locale: MailLocale } & MailFacts[Kind]
}[MailKind]

export type Mail = MailContent & { userId?: UserId }

export type ComposeMail = (mail: Mail) => QueuedMail

/** A record is bound to its id and kind, so no content can be moved to another row. */
const ownerOf = ({ id, kind }: Pick<QueuedMail, 'id' | 'kind'>): string => `${kind} ${id}`

export const createComposeMail =
  ({ sealing, clock }: { sealing: RecordSealing; clock: Clock }): ComposeMail =>
  ({ userId, kind, ...content }) => {
    const id = randomToken(16)
    return {
      id,
      kind,
      ...(userId !== undefined && { userId }),
      sealed: sealing.seal(ownerOf({ id, kind }), content),
      createdAt: clock.now(),
    }
  }

/** Undefined if no key-encryption key decrypts the record, or if the record was changed. */
export const openMail = (sealing: RecordSealing, mail: QueuedMail): MailContent | undefined => {
  const content = sealing.open(ownerOf(mail), mail.sealed) as object | undefined
  return content && ({ ...content, kind: mail.kind } as MailContent)
}

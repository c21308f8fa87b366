// The mails that an issuer has queued. Reads the queue, because the tests of the sender read a mail server.
import { createRecordSealing } from '../../src/encryption/sealing.ts'
import { type MailContent, openMail } from '../../src/mail/compose.ts'
import type { MailKind } from '../../src/mail/mail-queue.ts'
import type { TestIssuer } from './issuer.ts'

/** A mail server in the settings. The tests read the queue, so no server has to answer. */
export const mailServer = { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'Dojang <no-reply@example.com>' }

type Mailing = Pick<TestIssuer, 'app' | 'stores' | 'keyEncryptionKeys'>

/** The mails to this address, oldest first, after all work that follows an answer. */
export const mailsTo = async (issuer: Mailing, address: string): Promise<MailContent[]> => {
  await issuer.app.afterAnswer.settle()
  const sealing = createRecordSealing(issuer.keyEncryptionKeys, 'mail')
  const mails = (await issuer.stores.mailQueue.list(10_000)).map((mail) => openMail(sealing, mail))
  return mails.flatMap((mail) => (mail?.to === address ? [mail] : []))
}

export const mailKindsTo = async (issuer: Mailing, address: string): Promise<MailKind[]> =>
  (await mailsTo(issuer, address)).map(({ kind }) => kind)

/** The path of the link in the newest mail of this kind. */
export const linkTo = async (issuer: Mailing, address: string, kind: MailKind): Promise<string> => {
  const mail = (await mailsTo(issuer, address)).findLast((one) => one.kind === kind)
  if (mail === undefined || !('path' in mail)) throw new Error(`${address} got no mail with a ${kind} link`)
  return mail.path
}

/** The token in the path of a link. */
export const tokenOf = (path: string): string => new URL(path, 'http://x').searchParams.get('token') ?? ''

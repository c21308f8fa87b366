// Tells a user about a sign-in from a device without a mark (known-device.ts). It never delays the sign-in.
import type { AfterAnswer } from '../after-answer.ts'
import type { MailQueue } from '../mail/mail-queue.ts'
import type { ComposeNotice, NoticeRecipient } from '../mail/notices.ts'

export type TellNewDevice = (user: NoticeRecipient, device: { ip: string; userAgent?: string }) => void

export const createTellNewDevice =
  (deps: {
    composeNotice: ComposeNotice
    mailQueue: Pick<MailQueue, 'enqueue'>
    afterAnswer: AfterAnswer
  }): TellNewDevice =>
  (user, { ip, userAgent }) => {
    const facts = { ip, ...(userAgent !== undefined && { userAgent }) }
    for (const mail of deps.composeNotice(user, { kind: 'new_device', ...facts }))
      deps.afterAnswer.run(() => deps.mailQueue.enqueue(mail))
  }

// Checks the mail server and the queue of mails.
import type { Clock } from '../clock.ts'
import type { MailQueue, MailQueueState } from '../mail/mail-queue.ts'
import { DeliveryFailed } from '../mail/message.ts'
import type { Smtp } from '../mail/smtp.ts'
import type { Finding } from './finding.ts'

/** A mail normally leaves within seconds. */
const longWaitSeconds = 600

export interface MailFindingsDeps {
  clock: Clock
  mailQueue: Pick<MailQueue, 'state'>
  mail: {
    smtp?: Smtp
    /** Undefined if this installation sends no mail. */
    compose: unknown
    issuer: string
  }
}

/** What to do about a mail server that accepts nothing. */
export const adviceFor = ({ message, fault }: DeliveryFailed): string => {
  if (fault !== 'server') return 'Check the address. The codes are those of the mail server.'
  if (message.startsWith('EAUTH')) return 'Check the user and the password in SMTP_URL.'
  if (message.startsWith('EENVELOPE')) return 'Check that the mail server allows the sender in MAIL_FROM.'
  if (message.startsWith('ETLS') || message.includes('CERT'))
    return 'The mail server must offer TLS with a trusted certificate. Check the host and the port in SMTP_URL.'
  return 'Check the host and the port in SMTP_URL, and that the mail server runs.'
}

const serverFinding = async ({ smtp, compose, issuer }: MailFindingsDeps['mail']): Promise<Finding> => {
  const check = 'mail'
  if (smtp === undefined)
    return compose === undefined
      ? {
          check,
          status: 'note',
          message: 'No mail server is configured, so nothing that needs a mail is offered.',
          advice: 'Set SMTP_URL and MAIL_FROM.',
        }
      : {
          check,
          status: 'note',
          message: `No mail server is configured. The server shows its mails at ${issuer}/dev/mail.`,
        }
  try {
    await smtp.check()
    return { check, status: 'ok', message: 'The mail server answers and accepts the login.' }
  } catch (error) {
    if (!(error instanceof DeliveryFailed)) throw error
    return {
      check,
      status: 'fault',
      message: `The mail server accepts no mail (${error.message}).`,
      advice: adviceFor(error),
    }
  }
}

const mails = (count: number, singular: string, plural: string): string =>
  count === 1 ? `1 mail ${singular}` : `${count} mails ${plural}`

const queueFindings = ({ waiting, waitingSince, failed }: MailQueueState, now: Date): Finding[] => {
  const check = 'mail queue'
  const waitSeconds = waitingSince === undefined ? 0 : (now.getTime() - waitingSince.getTime()) / 1000
  return [
    ...(failed === 0
      ? []
      : [
          {
            check,
            status: 'warning' as const,
            message: `${mails(failed, 'was', 'were')} not sent, and ${failed === 1 ? 'is' : 'are'} not tried again.`,
            advice: 'See "dojang mail list". Repair the cause, then run "dojang mail retry --all".',
          },
        ]),
    ...(waitSeconds < longWaitSeconds
      ? []
      : [
          {
            check,
            status: 'warning' as const,
            message: `${mails(waiting, 'waits', 'wait')}, the oldest for ${Math.floor(waitSeconds / 60)} min.`,
            advice: 'See the last error in "dojang mail list", and check that a server runs.',
          },
        ]),
  ]
}

export const mailFindings = async ({ clock, mailQueue, mail }: MailFindingsDeps): Promise<Finding[]> => [
  await serverFinding(mail),
  ...queueFindings(await mailQueue.state(), clock.now()),
]

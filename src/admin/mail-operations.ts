// Lists the mails of the queue, sends dead letters again, and tests the mail server.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { ComposeMail, Mail } from '../mail/compose.ts'
import type { MailQueue, MailRecord } from '../mail/mail-queue.ts'
import { DeliveryFailed, type RenderMail } from '../mail/message.ts'
import type { Smtp } from '../mail/smtp.ts'
import { isEmail } from '../users/user.ts'
import { invalid, notFound, refused } from './admin-error.ts'
import { flag, required, text, whole } from './input.ts'
import { adviceFor } from './mail-findings.ts'
import { type Operation, operation } from './operation.ts'

/** What the operations need besides the queue. */
export interface AdminMail {
  /** Absent if no mail server is configured. */
  smtp?: Smtp
  /** Undefined if this installation sends no mail. */
  compose: ComposeMail | undefined
  render: RenderMail
  issuer: string
}

/** Without the address, which is encrypted in the queue. */
const mailView = (mail: MailRecord) => ({
  id: mail.id,
  kind: mail.kind,
  user: mail.userId ?? null,
  state: mail.failedAt === undefined ? ('waiting' as const) : ('failed' as const),
  attempts: mail.attempts,
  created_at: mail.createdAt.toISOString(),
  due_at: mail.failedAt === undefined ? mail.dueAt.toISOString() : null,
  failed_at: mail.failedAt?.toISOString() ?? null,
  last_error: mail.lastError ?? null,
})

export type MailView = ReturnType<typeof mailView>

/** `sent`: the mail server accepted the mail. `queued`: a running server will show it at `page`. */
export type TestedMail = { outcome: 'sent' } | { outcome: 'queued'; page: string }

const listInput = { limit: whole(1, 1000) }
const retryInput = { id: text, all: flag }
const testInput = { address: required(text), language: required(text) }

export interface MailOperations {
  'mail.list': Operation<typeof listInput, MailView[]>
  'mail.retry': Operation<typeof retryInput, { retried: number }>
  'mail.test': Operation<typeof testInput, TestedMail>
}

export interface MailOperationsDeps {
  clock: Clock
  audit: Audit
  mailQueue: MailQueue
  mail: AdminMail
}

export const createMailOperations = ({
  clock,
  audit,
  mailQueue,
  mail: { smtp, compose, render, issuer },
}: MailOperationsDeps): MailOperations => {
  const tested = (reason: string) => audit({ type: 'mail.tested', actor: 'admin', reason })

  /** At once and not through the queue, so that the admin sees the answer of the mail server. */
  const sendNow = async ({ deliver }: Smtp, mail: Mail, id: string): Promise<TestedMail> => {
    const composedAt = clock.now()
    try {
      await deliver({ id, to: mail.to, composedAt, ...render(mail, composedAt) })
    } catch (error) {
      if (!(error instanceof DeliveryFailed)) throw error
      tested(error.message)
      throw refused(`The mail server did not accept the mail (${error.message}). ${adviceFor(error)}`)
    }
    tested('accepted')
    return { outcome: 'sent' }
  }

  const test = async (address: string, language: string): Promise<TestedMail> => {
    if (!isEmail(address)) throw invalid('The address must be an e-mail address, such as name@example.com.')
    if (language !== 'ko' && language !== 'en') throw invalid('"language" must be ko or en.')
    if (compose === undefined)
      throw refused('No mail server is configured. Set SMTP_URL and MAIL_FROM to the values of the server.')
    const mail: Mail = { kind: 'test', to: address, locale: language }
    const queued = compose(mail)
    if (smtp !== undefined) return await sendNow(smtp, mail, queued.id)
    await mailQueue.enqueue(queued)
    tested('queued')
    return { outcome: 'queued', page: `${issuer}/dev/mail` }
  }

  return {
    'mail.list': operation(listInput, async ({ limit = 100 }) => (await mailQueue.list(limit)).map(mailView)),
    'mail.retry': operation(retryInput, async ({ id, all = false }) => {
      if ((id === undefined) !== all) throw invalid('Give either the id of a mail or --all.')
      const retried = await mailQueue.retry(clock.now(), id)
      if (id !== undefined && retried === 0)
        throw notFound(
          `There is no dead letter ${JSON.stringify(id)}. It was sent or deleted, or it still waits and is tried again by itself.`,
        )
      audit({ type: 'mail.retried', actor: 'admin', reason: id ?? `all dead letters: ${retried}` })
      return { retried }
    }),
    'mail.test': operation(testInput, ({ address, language }) => test(address, language)),
  }
}

// Sends the mails of the queue. After a failure it tries again with growing delays, for three days.
import type { Audit } from '../audit.ts'
import { type BackgroundWork, createBackgroundWork, emptyQueue } from '../background-work.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import type { RecordSealing } from '../encryption/sealing.ts'
import { withTimeout } from '../with-timeout.ts'
import { type MailContent, openMail } from './compose.ts'
import type { MailQueue, MailRecord } from './mail-queue.ts'
import { type Deliver, DeliveryFailed, type RenderMail } from './message.ts'

/** Longer than a delivery takes, so that two workers never send the same mail at the same time. */
const leaseSeconds = 90
const firstDelaySeconds = 30
const longestDelaySeconds = 3600
const giveUpAfterSeconds = 3 * 86_400
/** A process sends this many mails at the same time. */
const parallel = 4
/** After a failure of the connection or the login, no mail is tried for this long. */
const pauseSeconds = 10
/** How long a stop waits for the mails that are being sent. A later run sends the others. */
const stopLimitMs = 5000

export const createMailWork = (deps: {
  clock: Clock
  mailQueue: MailQueue
  sealing: RecordSealing
  render: RenderMail
  deliver: Deliver
  /** False for a text that no mail server may see as an address, such as one with a line break. */
  isAddress(text: string): boolean
  audit: Audit
  failed(cause: unknown): void
}): BackgroundWork => {
  const { clock, mailQueue, sealing, render, deliver, isAddress, failed } = deps
  let pausedUntil = new Date(0)
  /** Mails that the server accepted, but whose rows could not be deleted. They are not sent again. */
  const accepted = new Set<string>()

  const audit = (type: 'mail.sent' | 'mail.failed', { userId }: MailRecord, reason: string) =>
    deps.audit({ type, actor: 'system', reason, ...(userId !== undefined && { userId }) })

  const giveUp = async (mail: MailRecord, error: string) => {
    await mailQueue.giveUp(mail.id, clock.now(), error)
    audit('mail.failed', mail, `${mail.kind}: ${error}`)
  }

  const retryLater = async (mail: MailRecord, error: string) => {
    const now = clock.now()
    if (now >= secondsAfter(mail.createdAt, giveUpAfterSeconds)) return giveUp(mail, error)
    const delay = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** Math.min(mail.attempts - 1, 20))
    await mailQueue.postpone(mail.id, secondsAfter(now, delay), error)
  }

  /** Why the mail must not be sent, or undefined. */
  const obstacle = (content: MailContent, { createdAt }: MailRecord): string | undefined => {
    if (!isAddress(content.to)) return 'the address is not valid'
    const expired = 'minutes' in content && clock.now() >= secondsAfter(createdAt, content.minutes * 60)
    return expired ? 'the link expired before it was sent' : undefined
  }

  const finish = async (mail: MailRecord) => {
    accepted.add(mail.id)
    await mailQueue.sent(mail.id)
    accepted.delete(mail.id)
    audit('mail.sent', mail, mail.kind)
  }

  const send = async (mail: MailRecord) => {
    if (accepted.has(mail.id)) return finish(mail)
    const content = openMail(sealing, mail)
    if (content === undefined) return giveUp(mail, 'no key decrypts it')
    const reason = obstacle(content, mail)
    if (reason !== undefined) return giveUp(mail, reason)
    const { id, createdAt: composedAt } = mail
    try {
      await deliver({ id, to: content.to, composedAt, ...render(content, composedAt) })
    } catch (error) {
      failed(error)
      const { message, fault } =
        error instanceof DeliveryFailed ? error : { message: 'internal error', fault: 'retry' }
      if (fault === 'server') pausedUntil = secondsAfter(clock.now(), pauseSeconds)
      return fault === 'message' ? giveUp(mail, message) : retryLater(mail, message)
    }
    await finish(mail)
  }

  const { tick, stop } = createBackgroundWork(async (isStopping) => {
    const sendOneByOne = () =>
      emptyQueue({
        isStopping,
        failed,
        handle: send,
        lease: async () => {
          const now = clock.now()
          return now < pausedUntil ? [] : mailQueue.lease(1, now, secondsAfter(now, leaseSeconds))
        },
      })
    // Wait for all of them, so that a failure of one loop does not let another run begin too early.
    const loops = await Promise.allSettled(Array.from({ length: parallel }, sendOneByOne))
    for (const loop of loops) if (loop.status === 'rejected') throw loop.reason
  })
  return { tick, stop: async () => void (await withTimeout(stop(), stopLimitMs)) }
}

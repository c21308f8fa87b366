// Builds the services that make mails, and those of the links in mails. mail-delivery.ts decides where mails
// go.
import { type AfterAnswer, createAfterAnswer } from './after-answer.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { createEmailFlows, type EmailFlows } from './email-links/email-flows.ts'
import type { RecordSealing } from './encryption/sealing.ts'
import { type ComposeMail, createComposeMail } from './mail/compose.ts'
import { type ComposeNotice, createComposeNotice } from './mail/notices.ts'
import { offersMail } from './mail-delivery.ts'

type EmailFlowsDeps = Parameters<typeof createEmailFlows>[0]

export interface MailServices {
  mailSealing: RecordSealing
  /** Undefined if this installation sends no mail. Then it offers nothing that needs a mail. */
  composeMail: ComposeMail | undefined
  /** Gives no mail if this installation sends none. */
  composeNotice: ComposeNotice
  /** Links in mails. Undefined if this installation sends no mail. */
  emailFlows: EmailFlows | undefined
  afterAnswer: AfterAnswer
}

export const createMailServices = (
  deps: Omit<EmailFlowsDeps, 'composeMail' | 'composeNotice' | 'afterAnswer'> & {
    config: Config
    clock: Clock
    log: { error(facts: object, message: string): void }
    mailSealing: RecordSealing
  },
): MailServices => {
  const { config, clock, log, mailSealing } = deps
  const composeMail = offersMail(config) ? createComposeMail({ clock, sealing: mailSealing }) : undefined
  const composeNotice = createComposeNotice(composeMail)
  const afterAnswer = createAfterAnswer({
    failed: (cause) => log.error({ err: cause }, 'work after an answer failed. The user may ask again'),
  })
  const emailFlows = composeMail && createEmailFlows({ ...deps, composeMail, composeNotice, afterAnswer })
  return { mailSealing, composeMail, composeNotice, emailFlows, afterAnswer }
}

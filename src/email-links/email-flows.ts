// The services for links in mails, in one object. An installation that sends no mail does not have it.
import type { AfterAnswer } from '../after-answer.ts'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { ComposeMail } from '../mail/compose.ts'
import type { MailQueue } from '../mail/mail-queue.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { PasswordHashing } from '../passwords/hash.ts'
import type { KnownDevices } from '../passwords/known-device.ts'
import type { CheckNewPassword } from '../passwords/policy.ts'
import type { CreateAccount } from '../passwords/registration.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Throttle } from '../throttle/throttle.ts'
import type { Users } from '../users/user.ts'
import { createComposeLink } from './compose-link.ts'
import { type ConfirmEmail, createConfirmEmail } from './confirm-email.ts'
import { createCreateAccount } from './create-account.ts'
import type { EmailLinks } from './email-link.ts'
import { createFindLink, type FindLink } from './find-link.ts'
import { createResetPassword, type ResetPassword } from './reset-password.ts'
import { createSendLinks, type SendLinks } from './send-links.ts'
import { createTellHolder } from './tell-holder.ts'

export interface EmailFlows {
  createAccount: CreateAccount
  sendLinks: SendLinks
  findLink: FindLink
  resetPassword: ResetPassword
  confirmEmail: ConfirmEmail
}

export const createEmailFlows = (deps: {
  clock: Clock
  users: Users
  emailLinks: EmailLinks
  mailQueue: MailQueue
  throttle: Throttle
  composeMail: ComposeMail
  composeNotice: ComposeNotice
  afterAnswer: AfterAnswer
  passwords: PasswordHashing
  checkNewPassword: CheckNewPassword
  knownDevices: KnownDevices
  hidesTakenAddresses: boolean
  endSessions: EndSessions
  audit: Audit
}): EmailFlows => {
  const composeLink = createComposeLink(deps)
  const tellHolder = createTellHolder(deps)
  const findLink = createFindLink(deps)
  return {
    createAccount: createCreateAccount({ ...deps, composeLink, tellHolder }),
    sendLinks: createSendLinks({ ...deps, composeLink, tellHolder }),
    findLink,
    resetPassword: createResetPassword({ ...deps, findLink }),
    confirmEmail: createConfirmEmail({ ...deps, findLink }),
  }
}

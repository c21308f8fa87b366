// Sends links to users who ask for them. The answer and its time are the same for every address, because the
// account is looked up after the answer (F5, F6 in docs/security.md).
import type { AfterAnswer } from '../after-answer.ts'
import type { Audit, AuditEventType } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { MailLocale } from '../mail/compose.ts'
import { mailLocaleOf } from '../mail/notices.ts'
import { retryAfterSeconds, type Throttle } from '../throttle/throttle.ts'
import { isActive, isEmail, normalEmail, type User, type Users } from '../users/user.ts'
import type { ComposeLink } from './compose-link.ts'
import type { EmailLinks, LinkPurpose } from './email-link.ts'
import { createMailThrottle } from './mail-throttle.ts'
import type { TellHolder } from './tell-holder.ts'

export interface LinkRequest {
  ip: string
  requestId: string
  /** The language of the page that asked. The language of the user comes first. */
  locale: MailLocale
}

/** 'requested' says nothing about an account. */
export type LinkRequested =
  | { outcome: 'requested' }
  | { outcome: 'email_invalid' }
  | { outcome: 'throttled'; retryAfterSeconds: number }

export interface SendLinks {
  /** A link for a new password, if an active user has the address. @throws {Unavailable} */
  forgotPassword(email: string, request: LinkRequest): Promise<LinkRequested>
  /** A link to confirm the address, if an active user has it and did not confirm it. @throws {Unavailable} */
  resendConfirmation(email: string, request: LinkRequest): Promise<LinkRequested>
  /** A link to the new address of a signed-in user. If another user has it, a mail tells that user. */
  changeEmail(user: User, email: string, request: LinkRequest): Promise<LinkRequested>
  /** Sends a link without a limit, for an admin. */
  toUser(purpose: 'confirm_email' | 'reset_password', user: User & { email: string }): Promise<void>
}

const requestEvents = {
  confirm_email: 'email_confirmation.requested',
  reset_password: 'password_reset.requested',
  change_email: 'email_change.requested',
} as const satisfies Record<LinkPurpose, AuditEventType>

export const createSendLinks = (deps: {
  clock: Clock
  users: Users
  emailLinks: EmailLinks
  throttle: Throttle
  composeLink: ComposeLink
  tellHolder: TellHolder
  afterAnswer: AfterAnswer
  audit: Audit
}): SendLinks => {
  const { clock, users, emailLinks, audit } = deps
  const mailThrottle = createMailThrottle(deps.throttle)

  const issue = async (purpose: LinkPurpose, user: User, email: string, locale: MailLocale) => {
    const { link, mail } = deps.composeLink(purpose, user, { email, locale })
    await emailLinks.issue(link, mail)
  }

  /** `work` gets the active user who has the address. */
  const request = async (
    purpose: LinkPurpose,
    email: string,
    { ip, requestId }: LinkRequest,
    work: (holder: User | undefined) => Promise<void>,
  ): Promise<LinkRequested> => {
    const address = normalEmail(email)
    if (!isEmail(address)) return { outcome: 'email_invalid' }
    const now = clock.now()
    const event = { actor: 'user', ip, requestId, reason: purpose } as const
    const taken = await mailThrottle.takeRequest(address, ip, now)
    if (taken.outcome === 'refused') {
      audit({ ...event, type: 'mail_request.throttled' })
      return { outcome: 'throttled', retryAfterSeconds: retryAfterSeconds(taken, now) }
    }
    deps.afterAnswer.run(async () => {
      const holder = await users.findByLogin(address)
      const known = holder && { userId: holder.id }
      audit({ actor: 'user', ip, requestId, type: requestEvents[purpose], ...known })
      await work(holder && isActive(holder) ? holder : undefined)
    })
    return { outcome: 'requested' }
  }

  return {
    forgotPassword: (email, context) =>
      request('reset_password', email, context, async (user) => {
        if (user !== undefined)
          await issue('reset_password', user, email, user.locale ? mailLocaleOf(user) : context.locale)
      }),
    resendConfirmation: (email, context) =>
      request('confirm_email', email, context, async (user) => {
        if (user !== undefined && !user.emailVerified)
          await issue('confirm_email', user, email, user.locale ? mailLocaleOf(user) : context.locale)
      }),
    changeEmail: (user, email, context) =>
      request('change_email', email, context, async (holder) => {
        if (holder === undefined) return issue('change_email', user, email, context.locale)
        if (holder.id !== user.id) return deps.tellHolder(holder, email)
        if (!holder.emailVerified) return issue('confirm_email', holder, email, context.locale)
      }),
    toUser: (purpose, user) => issue(purpose, user, user.email, mailLocaleOf(user)),
  }
}

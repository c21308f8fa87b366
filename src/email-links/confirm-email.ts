// Confirms the address of an account, and a new address, through a link in a mail.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { SessionId, UserId } from '../ids.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { EmailLinks } from './email-link.ts'
import type { FindLink } from './find-link.ts'

interface RequestFacts {
  ip: string
  requestId: string
}

export type LinkUse = { outcome: 'done'; userId: UserId } | { outcome: 'dead' }

/** 'dead' includes an address that another user has taken in the meantime. */
export interface ConfirmEmail {
  confirm(token: string | undefined, request: RequestFacts): Promise<LinkUse>
  /**
   * Replaces the address of the account. The old address gets a notice.
   * @param others 'end' ends the sessions of the user, except `keep`
   */
  change(
    token: string | undefined,
    others: 'end' | 'keep',
    request: RequestFacts & { keep?: SessionId },
  ): Promise<LinkUse>
}

/** @throws {Unavailable} if a store is down. The user may repeat the call. */
export const createConfirmEmail = (deps: {
  clock: Clock
  emailLinks: EmailLinks
  findLink: FindLink
  endSessions: EndSessions
  composeNotice: ComposeNotice
  audit: Audit
}): ConfirmEmail => {
  const { clock, emailLinks, findLink, endSessions, audit } = deps
  return {
    confirm: async (token, { ip, requestId }) => {
      const found = await findLink('confirm_email', token)
      if (found === undefined) return { outcome: 'dead' }
      const { link, user } = found
      const redeemed = await emailLinks.redeem(link.tokenHash, { purpose: 'confirm_email' }, [], clock.now())
      if (redeemed !== 'redeemed') return { outcome: 'dead' }
      audit({ type: 'email.confirmed', actor: 'user', userId: user.id, ip, requestId })
      return { outcome: 'done', userId: user.id }
    },
    change: async (token, others, { ip, requestId, keep }) => {
      const found = await findLink('change_email', token)
      if (found === undefined) return { outcome: 'dead' }
      const { link, user } = found
      const mails = deps.composeNotice(user, { kind: 'email_changed', newEmail: link.email })
      // Before the change, because the link works only once. A failed call can then be repeated.
      if (others === 'end') await endSessions.ofUser(user.id, keep)
      const redeemed = await emailLinks.redeem(
        link.tokenHash,
        { purpose: 'change_email' },
        mails,
        clock.now(),
      )
      if (redeemed !== 'redeemed') return { outcome: 'dead' }
      if (others === 'end') await endSessions.ofUser(user.id, keep)
      const reason = others === 'end' ? 'other sessions ended' : 'other sessions kept'
      audit({ type: 'email.changed', actor: 'user', userId: user.id, ip, requestId, reason })
      return { outcome: 'done', userId: user.id }
    },
  }
}

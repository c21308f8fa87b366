// Sets a new password through a link in a mail. It ends every session of the user and signs nobody in
// (E4, F19 in docs/security.md).
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { PasswordHashing } from '../passwords/hash.ts'
import type { KnownDevices } from '../passwords/known-device.ts'
import type { CheckNewPassword, PasswordFault } from '../passwords/policy.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { EmailLinks } from './email-link.ts'
import type { FindLink } from './find-link.ts'

export type PasswordReset =
  /** `device` is the mark that this device keeps from now on. */
  { outcome: 'reset'; device: string } | { outcome: 'dead' } | { outcome: 'invalid'; fault: PasswordFault }

/** @throws {Unavailable} if a store is down. The user may repeat the call. */
export type ResetPassword = (
  token: string | undefined,
  password: string,
  request: { ip: string; requestId: string },
) => Promise<PasswordReset>

export const createResetPassword =
  (deps: {
    clock: Clock
    emailLinks: EmailLinks
    findLink: FindLink
    passwords: PasswordHashing
    checkNewPassword: CheckNewPassword
    knownDevices: KnownDevices
    endSessions: EndSessions
    composeNotice: ComposeNotice
    audit: Audit
  }): ResetPassword =>
  async (token, password, { ip, requestId }) => {
    const { clock, endSessions } = deps
    const found = await deps.findLink('reset_password', token)
    if (found === undefined) return { outcome: 'dead' }
    const { link, user } = found
    const [fault] = await deps.checkNewPassword(password, user, { ip, requestId, userId: user.id })
    if (fault !== undefined) return { outcome: 'invalid', fault }

    const passwordHash = await deps.passwords.hash(password, 'known')
    // Runs before the change, so that a failed reset can be retried. Runs again after it, to end sessions
    // that started during it.
    const endAll = async () => {
      await endSessions.ofUser(user.id)
      await endSessions.accessTokensOf(user.id)
    }
    await endAll()
    const now = clock.now()
    // The link has reached the address, so the address is verified and may get the notice.
    const mails = deps.composeNotice({ ...user, emailVerified: true }, { kind: 'password_changed' })
    const effect = { purpose: 'reset_password', passwordHash } as const
    if ((await deps.emailLinks.redeem(link.tokenHash, effect, mails, now)) !== 'redeemed')
      return { outcome: 'dead' }
    await endAll()
    const reason = user.emailVerified
      ? 'by a link in a mail'
      : 'by a link in a mail; verified the address and removed other login methods'
    deps.audit({ type: 'user.password_changed', actor: 'user', userId: user.id, ip, requestId, reason })
    return { outcome: 'reset', device: deps.knownDevices.mark({ ...user, passwordHash }, now) }
  }

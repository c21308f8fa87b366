// Sends a link to a user's address, or marks the address as verified without a mail.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { SendLinks } from '../email-links/send-links.ts'
import { isActive, type User, type Users } from '../users/user.ts'
import { refused } from './admin-error.ts'
import { findUser } from './find-user.ts'
import { required, text } from './input.ts'
import { type Operation, operation } from './operation.ts'
import { type UserView, userView } from './user-view.ts'

const userInput = { user: required(text) }

interface SentLink {
  id: string
  email: string
}

export interface UserEmailOperations {
  'users.send-reset': Operation<typeof userInput, SentLink>
  'users.resend-confirmation': Operation<typeof userInput, SentLink>
  /** For an admin who knows that the address belongs to the user. No mail is sent. */
  'users.verify-email': Operation<typeof userInput, UserView>
}

/** @throws {AdminError} `refused` */
const withEmail = (user: User): User & { email: string } => {
  if (user.email !== undefined) return { ...user, email: user.email }
  throw refused(`The user ${user.id} has no e-mail address.`)
}

export const createUserEmailOperations = (deps: {
  clock: Clock
  audit: Audit
  users: Users
  /** Undefined if this installation sends no mail. */
  sendLinks: SendLinks | undefined
}): UserEmailOperations => {
  const { clock, audit, users, sendLinks } = deps

  /** @throws {AdminError} `refused` */
  const send = async (purpose: 'confirm_email' | 'reset_password', user: User): Promise<SentLink> => {
    if (sendLinks === undefined)
      throw refused('This installation sends no mail. Set SMTP_URL and MAIL_FROM first.')
    if (!isActive(user)) throw refused(`The user ${user.id} is disabled. Run "dojang users enable" first.`)
    const recipient = withEmail(user)
    await sendLinks.toUser(purpose, recipient)
    return { id: user.id, email: recipient.email }
  }

  return {
    'users.send-reset': operation(userInput, async (input) => {
      const sent = await send('reset_password', await findUser(users, input.user))
      audit({ type: 'password_reset.requested', actor: 'admin', userId: sent.id })
      return sent
    }),
    'users.resend-confirmation': operation(userInput, async (input) => {
      const user = await findUser(users, input.user)
      if (user.emailVerified) throw refused(`The e-mail address of ${user.id} is already verified.`)
      const sent = await send('confirm_email', user)
      audit({ type: 'email_confirmation.requested', actor: 'admin', userId: sent.id })
      return sent
    }),
    'users.verify-email': operation(userInput, async (input) => {
      const user = withEmail(await findUser(users, input.user))
      if (user.emailVerified) return userView(user)
      const verified = await users.verifyEmail(user.id, user.email, clock.now())
      const changed = await findUser(users, user.id)
      if (!verified) throw refused(`The e-mail address of ${user.id} changed in the meantime.`)
      audit({ type: 'email.confirmed', actor: 'admin', userId: user.id })
      return userView(changed)
    }),
  }
}

// Creates the account of a sign-up, with a link that confirms its address. With a mail server only the owner
// of an address in use learns it, by mail (F5 in docs/security.md).
import type { AfterAnswer } from '../after-answer.ts'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { mailLocaleOf } from '../mail/notices.ts'
import type { CreateAccount } from '../passwords/registration.ts'
import type { Throttle } from '../throttle/throttle.ts'
import { isActive, type Users } from '../users/user.ts'
import type { ComposeLink } from './compose-link.ts'
import type { EmailLinks } from './email-link.ts'
import { createMailThrottle } from './mail-throttle.ts'
import type { TellHolder } from './tell-holder.ts'

export const createCreateAccount = (deps: {
  clock: Clock
  users: Users
  emailLinks: EmailLinks
  throttle: Throttle
  composeLink: ComposeLink
  tellHolder: TellHolder
  afterAnswer: AfterAnswer
  /** False on a local issuer without a mail server: only the developer reads its mails. */
  hidesTakenAddresses: boolean
  audit: Audit
}): CreateAccount => {
  const { clock, users } = deps
  const mailThrottle = createMailThrottle(deps.throttle)

  const tellIfTaken = async (email: string, mayMail: boolean, request: { ip: string; requestId: string }) => {
    const holder = await users.findByLogin(email)
    if (holder === undefined) return
    deps.audit({ type: 'registration.address_taken', actor: 'user', userId: holder.id, ...request })
    if (mayMail && isActive(holder)) await deps.tellHolder(holder, email)
  }

  return async (user, request) => {
    const { email, username } = user
    const taken = await mailThrottle.takeMail(email, clock.now())
    const mayMail = taken.outcome === 'taken'
    const { link, mail } = deps.composeLink('confirm_email', user, { email, locale: mailLocaleOf(user) })
    // Without a mail the user asks for another link later.
    const outcome = await (mayMail ? deps.emailLinks.register(user, link, mail) : users.create(user))
    if (outcome !== 'email_taken' || !deps.hidesTakenAddresses) return outcome
    // A username is public. It gets the same answer, whether the address is taken or not.
    if (username !== undefined && (await users.findByLogin(username)) !== undefined) return 'username_taken'
    const { ip, requestId } = request
    deps.afterAnswer.run(() => tellIfTaken(email, mayMail, { ip, requestId }))
    return 'address_taken'
  }
}

// The in-memory model of links in mails. A user has one link for each purpose.
import {
  type EmailLink,
  type EmailLinks,
  isUsable,
  type LinkPurpose,
} from '../../../src/email-links/email-link.ts'
import type { Identities } from '../../../src/identities/identity.ts'
import type { UserId } from '../../../src/ids.ts'
import type { MailQueue } from '../../../src/mail/mail-queue.ts'
import type { Users } from '../../../src/users/user.ts'
import type { MemoryConsents } from './consents.ts'

export const memoryEmailLinks = (stores: {
  users: Users
  identities: Identities
  consents: MemoryConsents
  mailQueue: MailQueue
}): EmailLinks => {
  const { users, identities, consents, mailQueue } = stores
  const kept = new Map<string, EmailLink>()

  /** A link of a deleted user does not exist, as with a foreign key in SQL. */
  const find = async (tokenHash: string): Promise<EmailLink | undefined> => {
    const link = kept.get(tokenHash)
    return link && (await users.find(link.userId)) && structuredClone(link)
  }

  const end = (user: UserId, purpose: LinkPurpose) => {
    for (const [hash, link] of kept) if (link.userId === user && link.purpose === purpose) kept.delete(hash)
  }

  const keep = (link: EmailLink) => {
    end(link.userId, link.purpose)
    kept.set(link.tokenHash, structuredClone(link))
  }

  return {
    find,
    end: async (userId, purpose) => end(userId, purpose),
    issue: async (link, mail) => {
      keep(link)
      await mailQueue.enqueue(mail)
    },
    register: async (user, link, mail) => {
      const created = await users.create(user)
      if (created !== 'created') return created
      keep(link)
      await mailQueue.enqueue(mail)
      return 'created'
    },
    redeem: async (tokenHash, effect, mails, now) => {
      const link = kept.get(tokenHash)
      const user = link && (await users.find(link.userId))
      if (link === undefined || user === undefined || !isUsable(link, effect.purpose, user, now))
        return 'dead'
      // Another call may have used the link while this one read the user.
      if (!kept.delete(tokenHash)) return 'dead'
      if (effect.purpose === 'reset_password') {
        const reset = await users.changePassword(user, effect.passwordHash, now)
        if (reset === undefined) return 'dead'
      }
      const email = effect.purpose === 'change_email' ? { email: link.email } : {}
      if ((await users.change(user.id, { ...email, emailVerified: true }, now)) !== 'changed') {
        kept.set(tokenHash, link)
        return 'email_taken'
      }
      if (effect.purpose === 'reset_password' && !user.emailVerified) {
        for (const { provider, subject } of await identities.listOfUser(user.id))
          await identities.forget(provider, subject)
        consents.forget({ userId: user.id })
      }
      for (const mail of mails) await mailQueue.enqueue(mail)
      return 'redeemed'
    },
  }
}

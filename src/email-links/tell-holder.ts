// Tells the owner of an address by mail that somebody tried to register with it, or to change to it.
import type { ComposeMail } from '../mail/compose.ts'
import type { MailQueue } from '../mail/mail-queue.ts'
import { mailLocaleOf } from '../mail/notices.ts'
import type { User } from '../users/user.ts'

/** @throws {Unavailable} if the store is down */
export type TellHolder = (holder: User, email: string) => Promise<void>

export const createTellHolder =
  ({ mailQueue, composeMail }: { mailQueue: MailQueue; composeMail: ComposeMail }): TellHolder =>
  async (holder, email) => {
    const about = { to: email, locale: mailLocaleOf(holder), userId: holder.id }
    await mailQueue.enqueue(composeMail({ kind: 'already_registered', ...about, path: '/login' }))
  }

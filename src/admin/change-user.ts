import type { QueuedMail } from '../mail/mail-queue.ts'
import type { User, UserChange, Users } from '../users/user.ts'
import { type AdminError, alreadyExists, notFound } from './admin-error.ts'
import { findUser } from './find-user.ts'

const names = { email_taken: 'e-mail address', username_taken: 'username' } as const

export const nameTaken = (outcome: keyof typeof names): AdminError =>
  alreadyExists(`Another user already has this ${names[outcome]}.`)

/** Changes a user, queues the mails and gives the new record. @throws {AdminError} `not_found` or `exists` */
export const changeUser = async (
  users: Users,
  user: User,
  change: UserChange,
  now: Date,
  mails?: readonly QueuedMail[],
): Promise<User> => {
  const outcome = await users.change(user.id, change, now, mails)
  switch (outcome) {
    case 'changed':
      return findUser(users, user.id)
    case 'unknown':
      throw notFound(`The user ${user.id} was deleted in the meantime.`)
    case 'email_taken':
    case 'username_taken':
      throw nameTaken(outcome)
  }
}

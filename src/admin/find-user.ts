import type { User, Users } from '../users/user.ts'
import { notFound } from './admin-error.ts'

/** Finds a user by id, e-mail address or username, in this order. @throws {AdminError} `not_found` */
export const findUser = async (users: Users, name: string): Promise<User> => {
  const user =
    (name.startsWith('usr_') ? await users.find(name) : undefined) ?? (await users.findByLogin(name))
  if (user === undefined)
    throw notFound(`There is no user ${JSON.stringify(name)}. Run "dojang users list" to see all users.`)
  return user
}

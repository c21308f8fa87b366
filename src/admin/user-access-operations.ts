// Sets passwords, and disables, enables and deletes users. All of them except enabling end the sessions.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { UserId } from '../ids.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { User, UserChange, Users } from '../users/user.ts'
import { changeUser } from './change-user.ts'
import { findUser } from './find-user.ts'
import { required, text } from './input.ts'
import { type Operation, operation } from './operation.ts'
import type { CheckPassword } from './user-fields.ts'
import { type UserView, userView } from './user-view.ts'

const userInput = { user: required(text) }
const setPasswordInput = { ...userInput, password: required(text) }

interface EndedSessions {
  ended_sessions: number
}

export interface UserAccessOperations {
  'users.set-password': Operation<typeof setPasswordInput, EndedSessions & { id: UserId }>
  'users.disable': Operation<typeof userInput, EndedSessions & UserView>
  'users.enable': Operation<typeof userInput, UserView>
  'users.delete': Operation<typeof userInput, EndedSessions & { id: UserId; deleted: true }>
}

export interface UserAccessDeps {
  clock: Clock
  audit: Audit
  users: Users
  endSessions: EndSessions
  composeNotice: ComposeNotice
  hashPassword(password: string): Promise<string>
  checkPassword: CheckPassword
}

export const createUserAccessOperations = (deps: UserAccessDeps): UserAccessOperations => {
  const { clock, audit, users, endSessions } = deps
  const disabledFrom = ({ disabledAt }: User): UserChange =>
    disabledAt === undefined ? { disabledAt: clock.now() } : {}

  return {
    'users.set-password': operation(setPasswordInput, async (input) => {
      const user = await findUser(users, input.user)
      await deps.checkPassword(input.password, user)
      const passwordHash = await deps.hashPassword(input.password)
      const mails = deps.composeNotice(user, { kind: 'password_changed' })
      const endedSessions = await endSessions.everythingOf(user.id, { passwordHash }, mails)
      await findUser(users, user.id)
      audit({ type: 'user.password_changed', actor: 'admin', userId: user.id })
      return { id: user.id, ended_sessions: endedSessions }
    }),
    'users.disable': operation(userInput, async (input) => {
      const user = await findUser(users, input.user)
      const endedSessions = await endSessions.everythingOf(user.id, disabledFrom(user))
      audit({ type: 'user.disabled', actor: 'admin', userId: user.id })
      return { ...userView(await findUser(users, user.id)), ended_sessions: endedSessions }
    }),
    'users.enable': operation(userInput, async (input) => {
      const user = await findUser(users, input.user)
      if (user.disabledAt === undefined) return userView(user)
      const enabled = await changeUser(users, user, { disabledAt: null }, clock.now())
      audit({ type: 'user.enabled', actor: 'admin', userId: user.id })
      return userView(enabled)
    }),
    'users.delete': operation(userInput, async (input) => {
      const user = await findUser(users, input.user)
      // Disable first, so that no session can start before the user is deleted.
      const endedSessions = await endSessions.everythingOf(user.id, disabledFrom(user))
      await users.delete(user.id, clock.now(), deps.composeNotice(user, { kind: 'account_deleted' }))
      audit({ type: 'user.deleted', actor: 'admin', userId: user.id })
      return { id: user.id, deleted: true, ended_sessions: endedSessions }
    }),
  }
}

// Changes the record of a user. The user keeps the id, so sessions and tokens stay valid
// (docs/decisions/0057-command-line.md).
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { defined } from '../defined.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { User, UserChange, Users } from '../users/user.ts'
import { invalid } from './admin-error.ts'
import { changeUser } from './change-user.ts'
import { cleared } from './cleared.ts'
import { findUser } from './find-user.ts'
import { flag, type InputValues, json, list, required, text } from './input.ts'
import { type Operation, operation } from './operation.ts'
import { checkedClaims, checkedEmail, checkedLocale, checkedName, checkedUsername } from './user-fields.ts'
import { type UserView, userView } from './user-view.ts'

const updateInput = {
  user: required(text),
  email: text,
  emailVerified: flag,
  username: text,
  name: text,
  locale: text,
  claims: json,
  clear: list,
}

export type UserUpdate = Operation<typeof updateInput, UserView>

const clearable: Readonly<Record<string, UserChange>> = {
  email: { email: null, emailVerified: false },
  username: { username: null },
  name: { name: null },
  locale: { locale: null },
}

/** A new address is not verified, unless the admin says so. The same address keeps its mark. */
const emailChange = (user: User, given: string | undefined, verified: boolean | undefined): UserChange => {
  const email = given === undefined ? user.email : checkedEmail(given)
  if (email === user.email) return verified === undefined ? {} : defined({ email, emailVerified: verified })
  return defined({ email, emailVerified: verified ?? false })
}

const changeOf = (user: User, input: InputValues<typeof updateInput>): UserChange => {
  const { username, name, locale, claims, clear = [] } = input
  const change: UserChange = {
    ...emailChange(user, input.email, input.emailVerified),
    ...defined({
      username: username && checkedUsername(username),
      name: name && checkedName(name),
      locale: locale && checkedLocale(locale),
      claims: claims === undefined ? undefined : { ...user.claims, ...checkedClaims(claims) },
    }),
    ...cleared(clearable, clear),
  }
  const { email = user.email, username: login = user.username } = change
  const removes = change.email === null || change.username === null
  if (removes && !email && !login)
    throw invalid('A user needs an e-mail address or a username. Keep one of them.')
  if (change.emailVerified && !email)
    throw invalid('The user has no e-mail address. Leave out "emailVerified".', 'emailVerified')
  return change
}

export const createUserUpdate = ({
  clock,
  audit,
  users,
  composeNotice,
}: {
  clock: Clock
  audit: Audit
  users: Users
  composeNotice: ComposeNotice
}): UserUpdate =>
  operation(updateInput, async (input) => {
    const user = await findUser(users, input.user)
    const change = changeOf(user, input)
    const names = Object.keys(change)
    if (names.length === 0) return userView(user)
    const { email } = change
    // To the old address, so that its owner hears of a change that nobody asked for.
    const mails =
      email && email !== user.email ? composeNotice(user, { kind: 'email_changed', newEmail: email }) : []
    const changed = await changeUser(users, user, change, clock.now(), mails)
    // The names of the members only: the audit log holds no addresses.
    audit({ type: 'user.changed', actor: 'admin', userId: user.id, reason: names.join(' ') })
    return userView(changed)
  })

// People, as an admin manages them. Their passwords are judged and hashed elsewhere (login/) and never come out again.

import type { PasswordFault, PasswordFaults } from '../passwords/policy.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Stores } from '../stores/stores.ts'
import { defaultRole } from '../users/role.ts'
import { type NewUser, newUserId, type User, type UserChange } from '../users/user.ts'
import { alreadyExists, invalid, notFound } from './admin-error.ts'
import { findUser } from './find-user.ts'
import { readInput } from './input.ts'
import type { Operation } from './operation.ts'
import { checkedClaims, checkedEmail, checkedName, checkedUsername } from './user-fields.ts'
import { createUserImport, type UserImportDeps } from './user-import.ts'

export interface UserOperationsDeps extends UserImportDeps {
  stores: Pick<Stores, 'users' | 'identities' | 'roles' | 'sessions'>
  endSessions: EndSessions
  hashPassword(password: string): Promise<string>
  passwordFaults: PasswordFaults
  minPasswordLength: number
}

/** A user as JSON. No hash, ever: only whether there is one. */
export const userView = (user: User) => ({
  id: user.id,
  email: user.email ?? null,
  email_verified: user.emailVerified,
  username: user.username ?? null,
  name: user.name ?? null,
  roles: user.roles,
  scopes: user.scopes,
  claims: user.claims,
  onboarded: user.onboarded,
  has_password: user.passwordHash !== undefined,
  disabled_at: user.disabledAt?.toISOString() ?? null,
  tokens_valid_after: user.tokensValidAfter?.toISOString() ?? null,
  created_at: user.createdAt.toISOString(),
  updated_at: user.updatedAt.toISOString(),
})

export type UserView = ReturnType<typeof userView>

const sentencesOf = (minLength: number): Record<PasswordFault, string> => ({
  password_too_short: `The password is too short: ${minLength} characters or more, a few unrelated words for example.`,
  password_too_long: 'The password is too long.',
  password_common: 'The password is on every list of common passwords.',
  password_context: 'The password repeats the name of the person or of the service.',
})

const taken = { email_taken: 'e-mail address', username_taken: 'username' } as const

export const createUserOperations = (deps: UserOperationsDeps) => {
  const { clock, audit, stores, endSessions } = deps
  const { users, identities, roles } = stores
  const sentences = sentencesOf(deps.minPasswordLength)

  const checkedRoles = async (names: readonly string[]): Promise<readonly string[]> => {
    const known = (await roles.list()).map(({ name }) => name)
    const unknown = names.find((name) => !known.includes(name))
    if (unknown !== undefined)
      throw notFound(`There is no role ${JSON.stringify(unknown)}; make it with "dojang roles create".`)
    return names
  }

  const acceptable = (password: string, person: Pick<User, 'email' | 'username' | 'name'>): string => {
    const faults = deps.passwordFaults(password, person)
    if (faults.length > 0) throw invalid(faults.map((fault) => sentences[fault]).join(' '))
    return password
  }

  const change = async (user: User, members: UserChange): Promise<User> => {
    const outcome = await users.change(user.id, members, clock.now())
    switch (outcome) {
      case 'changed':
        return findUser(users, user.id)
      case 'unknown':
        throw notFound(`The user ${user.id} is gone.`)
      case 'email_taken':
      case 'username_taken':
        throw alreadyExists(`Another user has this ${taken[outcome]}.`)
    }
  }

  const create: Operation = async (given) => {
    const input = readInput(given, [
      ...['email', 'emailVerified', 'username', 'name', 'password', 'roles', 'onboarded', 'claims'],
    ])
    const now = clock.now()
    const [email, username, name] = [
      input.optionalText('email'),
      input.optionalText('username'),
      input.optionalText('name'),
    ]
    const person = {
      ...(email !== undefined && { email: checkedEmail(email) }),
      ...(username !== undefined && { username: checkedUsername(username) }),
      ...(name !== undefined && { name: checkedName(name) }),
    }
    if (email === undefined && username === undefined)
      throw invalid('A user needs an e-mail address or a username.')
    const password = input.optionalText('password')
    const user: NewUser = {
      id: newUserId(),
      ...person,
      emailVerified: email !== undefined && input.flag('emailVerified') === true,
      roles: await checkedRoles(input.list('roles') ?? [defaultRole]),
      claims: checkedClaims(input.raw('claims') ?? {}),
      onboarded: input.flag('onboarded') ?? false,
      ...(password !== undefined && {
        passwordHash: await deps.hashPassword(acceptable(password, person)),
      }),
      createdAt: now,
      updatedAt: now,
    }
    const outcome = await users.create(user)
    if (outcome !== 'created') throw alreadyExists(`Another user has this ${taken[outcome]}.`)
    audit({ type: 'user.created', actor: 'admin', userId: user.id })
    return { id: user.id }
  }

  const list: Operation = async (given) => {
    const input = readInput(given, ['after', 'limit'])
    const after = input.optionalText('after')
    const limit = input.whole('limit', { min: 1, max: 1000 }) ?? 100
    return (await users.list({ ...(after !== undefined && { after }), limit })).map(userView)
  }

  const named = (given: unknown) => findUser(users, readInput(given, ['user']).text('user'))

  /** None: nobody comes in until there is a password, or the person at a provider that knows their proven address. */
  const waysIn = async (user: User): Promise<string[]> => [
    ...(user.passwordHash === undefined ? [] : ['password']),
    ...(await identities.listOfUser(user.id)).map(({ provider, lockedAt }) =>
      lockedAt === undefined ? provider : `${provider} (locked there)`,
    ),
  ]

  const show: Operation = async (given) => {
    const user = await named(given)
    return { ...userView(user), ways_in: await waysIn(user) }
  }

  const setPassword: Operation = async (given) => {
    const input = readInput(given, ['user', 'password'])
    const user = await findUser(users, input.text('user'))
    const password = acceptable(input.text('password'), user)
    // The new password first: from then on the old one starts no session that the ending would miss.
    await change(user, { passwordHash: await deps.hashPassword(password) })
    const endedSessions = await endSessions.everythingOf(user.id)
    audit({ type: 'user.password_changed', actor: 'admin', userId: user.id })
    return { id: user.id, ended_sessions: endedSessions }
  }

  const disable: Operation = async (given) => {
    const user = await named(given)
    if (user.disabledAt === undefined) await change(user, { disabledAt: clock.now() })
    const endedSessions = await endSessions.everythingOf(user.id)
    audit({ type: 'user.disabled', actor: 'admin', userId: user.id })
    return { ...userView(await findUser(users, user.id)), ended_sessions: endedSessions }
  }

  const enable: Operation = async (given) => {
    const user = await named(given)
    if (user.disabledAt === undefined) return userView(user)
    const enabled = await change(user, { disabledAt: null })
    audit({ type: 'user.enabled', actor: 'admin', userId: user.id })
    return userView(enabled)
  }

  const setRoles: Operation = async (given) => {
    const input = readInput(given, ['user', 'set', 'add', 'remove'])
    const user = await findUser(users, input.text('user'))
    const add = await checkedRoles([...(input.list('set') ?? []), ...(input.list('add') ?? [])])
    const remove = input.list('remove') ?? []
    const before = input.list('set') === undefined ? user.roles : []
    const next = [...new Set([...before, ...add])].filter((role) => !remove.includes(role))
    if (next.length === user.roles.length && next.every((role) => user.roles.includes(role)))
      return userView(user)
    const changed = await change(user, { roles: next })
    audit({ type: 'user.changed', actor: 'admin', userId: user.id, reason: 'roles' })
    return userView(changed)
  }

  const setClaims: Operation = async (given) => {
    const input = readInput(given, ['user', 'set', 'remove', 'onboarded'])
    const user = await findUser(users, input.text('user'))
    const set = checkedClaims(input.raw('set') ?? {})
    const remove = input.list('remove') ?? []
    const onboarded = input.flag('onboarded')
    if (Object.keys(set).length === 0 && remove.length === 0 && onboarded === undefined) return userView(user)
    const claims = Object.fromEntries(
      Object.entries({ ...user.claims, ...set }).filter(([name]) => !remove.includes(name)),
    )
    const changed = await change(user, { claims, ...(onboarded !== undefined && { onboarded }) })
    audit({ type: 'user.changed', actor: 'admin', userId: user.id, reason: 'claims' })
    return userView(changed)
  }

  const remove: Operation = async (given) => {
    const user = await named(given)
    // Disabled first, so that nothing begins between the ending and the deletion.
    if (user.disabledAt === undefined) await change(user, { disabledAt: clock.now() })
    const endedSessions = await endSessions.everythingOf(user.id)
    await users.delete(user.id, clock.now())
    audit({ type: 'user.deleted', actor: 'admin', userId: user.id })
    return { id: user.id, deleted: true, ended_sessions: endedSessions }
  }

  return {
    'users.create': create,
    'users.list': list,
    'users.show': show,
    'users.set-password': setPassword,
    'users.disable': disable,
    'users.enable': enable,
    'users.roles': setRoles,
    'users.claims': setClaims,
    'users.delete': remove,
    'users.import': createUserImport(deps),
  } satisfies Record<string, Operation>
}

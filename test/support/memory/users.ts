// The in-memory model of users. E-mail address and username are unique in their normalised form.
// Scopes come from the roles at the moment of reading.
import { defined } from '../../../src/defined.ts'
import {
  hasEndedSince,
  type NewUser,
  normalEmail,
  normalUsername,
  type User,
  type UserChange,
  type Users,
} from '../../../src/users/user.ts'
import type { MemoryConsents } from './consents.ts'
import type { MemoryMailQueue } from './mail-queue.ts'
import type { MemoryRoles } from './roles.ts'

const normalised = (user: NewUser): NewUser =>
  user.email === undefined ? user : { ...user, email: normalEmail(user.email) }

/** A cut-off at `time`, or just after the last one. */
const nextCutOff = (user: NewUser, time: Date | undefined) => {
  const earliest = user.tokensValidAfter && new Date(user.tokensValidAfter.getTime() + 1)
  if (time === undefined) return {}
  return { tokensValidAfter: earliest !== undefined && earliest > time ? earliest : time }
}

const changed = (user: NewUser, change: UserChange, now: Date): NewUser => {
  const cutOff = nextCutOff(user, change.tokensValidAfter)
  const merged = Object.entries({ ...user, ...change, ...cutOff, updatedAt: now })
  return normalised(Object.fromEntries(merged.filter(([, value]) => value !== null)) as unknown as NewUser)
}

export const memoryUsers = (
  roles: MemoryRoles,
  consents: MemoryConsents,
  mailQueue: MemoryMailQueue,
): Users => {
  const kept = new Map<string, NewUser>()
  roles.onDelete((name) => {
    for (const user of kept.values()) user.roles = user.roles.filter((role) => role !== name)
  })

  const asKept = (user: NewUser): NewUser =>
    structuredClone({ ...user, roles: [...new Set(user.roles)].filter(roles.has) })
  const asRead = (user: NewUser | undefined): User | undefined =>
    user && structuredClone({ ...user, scopes: roles.scopesOf(user.roles) })
  const key = ({ username }: Pick<NewUser, 'username'>) => username && normalUsername(username)

  const taken = (user: NewUser): 'email_taken' | 'username_taken' | undefined => {
    const others = [...kept.values()].filter(({ id }) => id !== user.id)
    if (user.email !== undefined && others.some(({ email }) => email === user.email)) return 'email_taken'
    return user.username !== undefined && others.some((other) => key(other) === key(user))
      ? 'username_taken'
      : undefined
  }

  const matchesLogin = (user: NewUser, login: string) =>
    login.includes('@') ? user.email === normalEmail(login) : key(user) === normalUsername(login)

  return {
    create: async (given) => {
      const user = normalised(given)
      const conflict = taken(user)
      if (conflict) return conflict
      kept.set(user.id, asKept(user))
      return 'created'
    },
    find: async (id) => asRead(kept.get(id)),
    findWithConsent: async (id, clientId) => {
      const user = asRead(kept.get(id))
      const consent = user && (await consents.find(id, clientId))
      return defined({ user, consent: consent && { scopes: consent.scopes } })
    },
    findByLogin: async (login) => asRead([...kept.values()].find((user) => matchesLogin(user, login))),
    change: async (id, change, now, mails = []) => {
      const before = kept.get(id)
      if (before === undefined) return 'unknown'
      const after = changed(before, change, now)
      const conflict = taken(after)
      if (conflict) return conflict
      mailQueue.enqueueAll(mails)
      kept.set(id, asKept(after))
      return 'changed'
    },
    verifyEmail: async (id, email, now) => {
      const user = kept.get(id)
      if (user === undefined || user.email !== normalEmail(email)) return false
      kept.set(id, asKept(changed(user, { emailVerified: true }, now)))
      return true
    },
    replacePasswordHash: async (id, from, to) => {
      const user = kept.get(id)
      if (user?.passwordHash !== from) return false
      user.passwordHash = to
      return true
    },
    changePassword: async (read, passwordHash, cutOff, mails = []) => {
      const user = kept.get(read.id)
      if (user === undefined || hasEndedSince(read, user)) return undefined
      const written = { passwordHash, ...nextCutOff(user, cutOff) }
      mailQueue.enqueueAll(mails)
      Object.assign(user, written)
      return { ...read, ...written }
    },
    list: async ({ after = '', limit }) =>
      [...kept.values()]
        .filter(({ id }) => id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .flatMap((user) => asRead(user) ?? []),
    delete: async (id, _now, mails = []) => {
      if (!kept.has(id)) return false
      mailQueue.enqueueAll(mails)
      consents.forget({ userId: id })
      return kept.delete(id)
    },
  }
}

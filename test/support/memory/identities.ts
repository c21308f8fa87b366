// The in-memory model of identities at providers. Each belongs to one user and is deleted with the user.
import type { Identities, Identity } from '../../../src/identities/identity.ts'
import { hasEndedSince, normalEmail, type Users } from '../../../src/users/user.ts'
import type { MemoryConsents } from './consents.ts'
import type { MemoryMailQueue } from './mail-queue.ts'

const byKey = (a: Identity, b: Identity): number => {
  if (a.provider !== b.provider) return a.provider < b.provider ? -1 : 1
  return a.subject < b.subject ? -1 : 1
}

export const memoryIdentities = (
  users: Users,
  consents: MemoryConsents,
  mailQueue: MemoryMailQueue,
): Identities => {
  const kept = new Map<string, Identity>()
  const checked = new Map<string, Date>()
  const keyOf = ({ provider, subject }: Pick<Identity, 'provider' | 'subject'>) => `${provider}\n${subject}`
  const find = (provider: string, subject: string) => kept.get(keyOf({ provider, subject }))
  const ofUser = (userId: string) => [...kept.values()].filter((identity) => identity.userId === userId)

  /** Deletes the identities of deleted users, as a foreign key does in SQL. */
  const dropOrphans = async () => {
    for (const [key, { userId }] of kept) if ((await users.find(userId)) === undefined) kept.delete(key)
  }

  let last: Promise<unknown> = Promise.resolve()
  /** Runs one operation after the other, as SQL does with transactions. */
  const inTurn = <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    const answer = last.then(work, work)
    last = answer.catch(() => {})
    return answer
  }

  /** Writes the facts of a sign-in. An identity that exists keeps its link time, lock and token. */
  const write = (identity: Identity, before: Identity | undefined) => {
    const { linkedAt, lockedAt, encryptedToken } = { ...identity, ...before }
    kept.set(keyOf(identity), {
      ...(encryptedToken !== undefined && { encryptedToken }),
      ...structuredClone(identity),
      linkedAt,
      ...(lockedAt !== undefined && { lockedAt }),
    })
  }

  return {
    find: async (provider, subject) => {
      await dropOrphans()
      return structuredClone(find(provider, subject))
    },
    listOfUser: async (userId) => {
      await dropOrphans()
      return structuredClone(ofUser(userId)).sort(byKey)
    },
    link: (identity, read, mails = []) =>
      inTurn(async () => {
        await dropOrphans()
        if (hasEndedSince(read, await users.find(identity.userId))) return 'ended'
        const before = find(identity.provider, identity.subject)
        if (before && before.userId !== identity.userId) return 'taken'
        if (before === undefined) mailQueue.enqueueAll(mails)
        write(identity, before)
        return 'linked'
      }),
    add: (read, identities, mails) =>
      inTurn(async () => {
        await dropOrphans()
        if (hasEndedSince(read, await users.find(read.id))) return 'ended'
        if (identities.some(({ provider, subject }) => find(provider, subject))) return 'taken'
        mailQueue.enqueueAll(mails)
        for (const identity of identities) kept.set(keyOf(identity), structuredClone(identity))
        return 'added'
      }),
    use: async (identity) => {
      await dropOrphans()
      const before = find(identity.provider, identity.subject)
      if (before?.userId !== identity.userId || before.lockedAt !== undefined) return false
      write(identity, before)
      return true
    },
    register: (user, identities) =>
      inTurn(async () => {
        await dropOrphans()
        if (identities.some(({ provider, subject }) => find(provider, subject))) return 'taken'
        for (const identity of identities) kept.set(keyOf(identity), structuredClone(identity))
        const created = await users.create(user)
        if (created === 'created') return 'registered'
        for (const identity of identities) kept.delete(keyOf(identity))
        return created
      }),
    takeOver: (owner, identity) =>
      inTurn(async () => {
        await dropOrphans()
        const user = await users.find(owner.id)
        if (user?.email !== normalEmail(owner.email) || user.emailVerified) return 'refused'
        if ((find(identity.provider, identity.subject) ?? identity).userId !== user.id) return 'taken'
        for (const other of ofUser(user.id)) kept.delete(keyOf(other))
        kept.set(keyOf(identity), structuredClone(identity))
        consents.forget({ userId: user.id })
        const { id, email, updatedAt, ...members } = owner
        const removed = { username: null, name: null, locale: null, passwordHash: null }
        await users.change(id, { ...removed, ...members, tokensValidAfter: updatedAt }, updatedAt)
        return 'taken_over'
      }),
    unlink: (userId, provider, subject, mails = []) =>
      inTurn(async () => {
        await dropOrphans()
        const user = await users.find(userId)
        if (user === undefined || find(provider, subject)?.userId !== userId) return 'unknown'
        if (user.passwordHash === undefined && ofUser(userId).length === 1) return 'last_login_method'
        mailQueue.enqueueAll(mails)
        kept.delete(keyOf({ provider, subject }))
        return 'unlinked'
      }),
    forget: async (provider, subject) => {
      await dropOrphans()
      const identity = find(provider, subject)
      kept.delete(keyOf({ provider, subject }))
      return identity
    },
    lock: async (provider, subject, lockedAt) => {
      const identity = find(provider, subject)
      if (identity === undefined) return
      delete identity.lockedAt
      if (lockedAt !== undefined) identity.lockedAt = lockedAt
    },
    leaseForCheck: async (provider, before, now, limit) => {
      await dropOrphans()
      const since = (identity: Identity) => checked.get(keyOf(identity)) ?? identity.linkedAt
      const due = [...kept.values()]
        .filter((one) => one.provider === provider && since(one) < before && one.lastUsedAt < before)
        .sort((a, b) => since(a).getTime() - since(b).getTime())
        .slice(0, limit)
      for (const identity of due) checked.set(keyOf(identity), now)
      return structuredClone(due)
    },
  }
}

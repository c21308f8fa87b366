// A mail about a change is stored in the step of the change: both are stored, or none.
import { expect, test } from 'vitest'
import { identityOf } from '../../src/identities/identity.ts'
import type { QueuedMail } from '../../src/mail/mail-queue.ts'
import { randomToken } from '../../src/secrets.ts'
import type { NewUser } from '../../src/users/user.ts'
import { onLastingBackends } from './lasting-backends.ts'
import { at, aUser, start } from './records.ts'

const address = () => `${Buffer.from(randomToken(9)).toString('hex')}@example.com`

const aMail = (): QueuedMail => ({
  id: randomToken(16),
  kind: 'test',
  sealed: 'sealed',
  createdAt: start,
})

onLastingBackends('notices', (stores) => {
  const mailIds = async () => new Set((await stores('mailQueue').list(10_000)).map(({ id }) => id))

  const created = async (facts: Partial<NewUser> = {}) => {
    const user = { ...aUser({ email: address(), passwordHash: 'the old hash', ...facts }), scopes: [] }
    expect(await stores('users').create(user)).toBe('created')
    return user
  }

  const anIdentity = (userId: string, linkedAt = start) =>
    identityOf({ provider: 'naver', subject: randomToken(8), emailVerified: false }, userId, linkedAt)

  /** Makes a change with a mail, and tells whether the mail was queued. */
  const queued = async <Outcome>(change: (mails: QueuedMail[]) => Promise<Outcome>) => {
    const mail = aMail()
    const outcome = await change([mail])
    return { outcome, queued: (await mailIds()).has(mail.id) }
  }

  test.each([
    ['without', {}],
    ['with', { roles: ['user'] }],
  ])(
    'a changed user %s roles queues its notice in the same step, and a refused change does not (F18)',
    async (_, roles) => {
      const [user, other] = [await created(), await created()]
      const change =
        (email: string, id = user.id) =>
        (mails: QueuedMail[]) =>
          stores('users').change(id, { email, ...roles }, at(1), mails)
      const email = address()
      expect(await queued(change(email))).toEqual({ outcome: 'changed', queued: true })
      expect(await stores('users').find(user.id)).toMatchObject({ email, ...roles })
      expect(await queued(change(other.email ?? ''))).toEqual({ outcome: 'email_taken', queued: false })
      expect(await queued(change(address(), 'usr_unknown'))).toEqual({ outcome: 'unknown', queued: false })
    },
  )

  test('a changed password queues its notice in the same step, and a refused one does not (F18)', async () => {
    const user = await created()
    const change = (hash: string) => (mails: QueuedMail[]) =>
      stores('users').changePassword(user, hash, undefined, mails)
    expect(await queued(change('first'))).toMatchObject({ outcome: { passwordHash: 'first' }, queued: true })
    expect(await queued(change('second'))).toEqual({ outcome: undefined, queued: false })
  })

  test('a deleted user queues the notice once (F18)', async () => {
    const { id } = await created()
    const remove = (mails: QueuedMail[]) => stores('users').delete(id, start, mails)
    expect(await queued(remove)).toEqual({ outcome: true, queued: true })
    expect(await queued(remove)).toEqual({ outcome: false, queued: false })
  })

  test('a linked and an unlinked identity queue their notices, and nothing else does (F18)', async () => {
    const [user, other] = [await created(), await created()]
    const identity = anIdentity(user.id)
    const link = (to: typeof user, seconds: number) => (mails: QueuedMail[]) =>
      stores('identities').link({ ...identity, userId: to.id, linkedAt: at(seconds) }, to, mails)
    const unlink = (mails: QueuedMail[]) =>
      stores('identities').unlink(user.id, identity.provider, identity.subject, mails)
    expect(await queued(link(user, 0))).toEqual({ outcome: 'linked', queued: true })
    expect(await queued(link(user, 1))).toEqual({ outcome: 'linked', queued: false })
    expect(await queued(link(other, 2))).toEqual({ outcome: 'taken', queued: false })
    expect(await queued(unlink)).toEqual({ outcome: 'unlinked', queued: true })
    expect(await queued(unlink)).toEqual({ outcome: 'unknown', queued: false })
  })

  test('identities that are added together queue all notices, and refused ones queue none (F18)', async () => {
    const [user, other] = [await created(), await created()]
    const both = [anIdentity(user.id), anIdentity(user.id)]
    const add = (to: typeof user, identities: typeof both) => (mails: QueuedMail[]) =>
      stores('identities').add(to, identities, [...mails, aMail()])
    expect(await queued(add(user, both))).toEqual({ outcome: 'added', queued: true })
    const again = [anIdentity(other.id), { ...both[1], userId: other.id } as (typeof both)[number]]
    const before = await mailIds()
    expect(await queued(add(other, again))).toEqual({ outcome: 'taken', queued: false })
    expect(await mailIds()).toEqual(before)
  })

  type Written = NewUser & { scopes: string[] }
  const changes: Record<string, (user: Written, mails: QueuedMail[]) => Promise<unknown>> = {
    'a changed address': ({ id }, mails) => stores('users').change(id, { email: address() }, at(1), mails),
    'changed roles': ({ id }, mails) => stores('users').change(id, { roles: ['user'] }, at(1), mails),
    'a changed password': (user, mails) => stores('users').changePassword(user, 'new', at(1), mails),
    'a deleted user': ({ id }, mails) => stores('users').delete(id, at(1), mails),
    'a linked identity': (user, mails) => stores('identities').link(anIdentity(user.id), user, mails),
    'added identities': (user, mails) =>
      stores('identities').add(user, [anIdentity(user.id), anIdentity(user.id)], mails),
    'an unlinked identity': async ({ id }, mails) => {
      const [identity] = await stores('identities').listOfUser(id)
      return stores('identities').unlink(id, 'naver', identity?.subject ?? '', mails)
    },
  }
  test.each(Object.keys(changes))(
    'nothing of %s is stored if its notice cannot be stored',
    async (change) => {
      const user = await created()
      const identity = anIdentity(user.id)
      expect(await stores('identities').link(identity, user)).toBe('linked')
      const earlier = aMail()
      await stores('mailQueue').enqueue(earlier)
      // The queue refuses a second mail with the same id.
      await expect(changes[change]?.(user, [earlier])).rejects.toThrow()
      expect(await stores('users').find(user.id)).toStrictEqual(user)
      expect(await stores('identities').listOfUser(user.id)).toStrictEqual([identity])
    },
  )
})

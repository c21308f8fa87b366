import { describe, expect, test } from 'vitest'
import { secondsAfter } from '../../src/clock.ts'
import type { Identity } from '../../src/identities/identity.ts'
import { randomToken } from '../../src/secrets.ts'
import { type NewUser, newUserId } from '../../src/users/user.ts'
import { testClock } from '../support/clock.ts'
import { atOnce, onLastingBackends } from './lasting-backends.ts'
import { aUser } from './records.ts'

const now = testClock().now()
const later = secondsAfter(now, 100)
const anEmail = () => `${Buffer.from(randomToken(6)).toString('hex')}@example.com`

const anIdentity = (members: Partial<Identity> = {}): Identity => ({
  provider: 'kakao',
  subject: randomToken(8),
  userId: newUserId(),
  emailVerified: false,
  linkedAt: now,
  lastUsedAt: now,
  ...members,
})

onLastingBackends('identities', (stores) => {
  const aPerson = async (members: Partial<NewUser> = {}) => {
    const user = aUser(members)
    expect(await stores('users').create(user)).toBe('created')
    return user
  }
  const linked = async (members: Partial<Identity> = {}) => {
    const userId = members.userId ?? (await aPerson()).id
    const identity = anIdentity({ ...members, userId })
    expect(await link(identity)).toBe('linked')
    return identity
  }
  /** Links the identity for the user as the store has the record now. */
  const link = async (identity: Identity) =>
    stores('identities').link(identity, (await stores('users').find(identity.userId)) ?? {})

  describe('link', () => {
    test('an identity is returned exactly as it was stored, and absent members stay absent', async () => {
      const plain = await linked()
      const full = await linked({
        provider: 'google',
        email: 'Jane@Example.com',
        emailVerified: true,
        name: '홍길동',
        encryptedToken: 'v1.x',
      })
      for (const identity of [plain, full])
        expect(await stores('identities').find(identity.provider, identity.subject)).toStrictEqual(identity)
    })

    test('an identity is found by provider and subject, compared as text (F9)', async () => {
      const subject = `9007199254740993${Buffer.from(randomToken(4)).readUInt32BE()}`
      const kakao = await linked({ subject })
      const google = await linked({ subject, provider: 'google' })
      expect(await stores('identities').find('kakao', subject)).toStrictEqual(kakao)
      expect(await stores('identities').find('google', subject)).toStrictEqual(google)
      expect(await stores('identities').find('naver', subject)).toBeUndefined()
      expect(await stores('identities').find('kakao', `0${subject}`)).toBeUndefined()
    })

    test('an identity belongs to one user, and a link by another user is refused and changes nothing', async () => {
      const identity = await linked()
      const other = await aPerson()
      const foreignLink = { ...identity, userId: other.id, email: 'other@example.com' }
      expect(await link(foreignLink)).toBe('taken')
      expect(await stores('identities').find(identity.provider, identity.subject)).toStrictEqual(identity)
      expect(await stores('identities').listOfUser(other.id)).toEqual([])
    })

    test('a repeated link updates the identity, but keeps its link time and a token that is not replaced', async () => {
      const identity = await linked({ encryptedToken: 'v1.old', email: 'old@example.com', name: 'Old' })
      const { encryptedToken: _, ...again } = {
        ...identity,
        email: 'new@example.com',
        emailVerified: true,
        linkedAt: later,
        lastUsedAt: later,
      }
      expect(await link(again)).toBe('linked')
      expect(await stores('identities').find(identity.provider, identity.subject)).toStrictEqual({
        ...again,
        linkedAt: now,
        encryptedToken: 'v1.old',
      })
    })

    test('an identity cannot be linked to an unknown user', async () => {
      const identity = anIdentity()
      expect(await link(identity)).toBe('ended')
      expect(await stores('identities').find(identity.provider, identity.subject)).toBeUndefined()
    })

    test('exactly one of 20 users who link the same identity concurrently succeeds', async () => {
      const people = await Promise.all(Array.from({ length: 20 }, () => aPerson()))
      const { subject } = anIdentity()
      const outcomes = await atOnce(20, (index) =>
        stores('identities').link(anIdentity({ subject, userId: people[index]?.id ?? '' }), {}),
      )
      expect(outcomes.filter((outcome) => outcome === 'linked')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(19)
    })

    test('a user’s identities are listed in order, without those of other users', async () => {
      const { id: userId } = await aPerson()
      await linked()
      const google = await linked({ userId, provider: 'google' })
      const two = await linked({ userId, subject: `b${randomToken(4)}` })
      const one = await linked({ userId, subject: `a${randomToken(4)}` })
      expect(await stores('identities').listOfUser(userId)).toStrictEqual([google, one, two])
    })

    const endings: Record<string, (userId: string) => Promise<unknown>> = {
      'the password changed': (id) => stores('users').replacePasswordHash(id, 'hash', 'other'),
      'the password was removed': (id) => stores('users').change(id, { passwordHash: null }, now),
      'everything was signed out': (id) => stores('users').change(id, { tokensValidAfter: now }, now),
      'everything was signed out again': (id) =>
        stores('users').change(id, { tokensValidAfter: secondsAfter(now, -90) }, now),
      'the user was disabled': (id) => stores('users').change(id, { disabledAt: now }, now),
      'the user was deleted': (id) => stores('users').delete(id, now),
    }
    test.each(Object.keys(endings))(
      'an identity is not linked if %s since the user was read (F10)',
      async (ending) => {
        const { id } = await aPerson({ passwordHash: 'hash' })
        if (ending.endsWith('again')) await stores('users').change(id, { tokensValidAfter: now }, now)
        const read = await stores('users').find(id)
        const known = await linked({ userId: id })
        await endings[ending]?.(id)
        for (const identity of [anIdentity({ userId: id }), { ...known, name: 'Jane' }])
          expect(await stores('identities').link(identity, read ?? {})).toBe('ended')
        const left = ending === 'the user was deleted' ? [] : [known]
        expect(await stores('identities').listOfUser(id)).toStrictEqual(left)
      },
    )

    test('a sign-in updates the identity, but keeps its link time and a token that is not replaced', async () => {
      const identity = await linked({ encryptedToken: 'v1.old', email: 'old@example.com', name: 'Old' })
      const {
        encryptedToken: _,
        name: __,
        ...again
      } = {
        ...identity,
        email: 'new@example.com',
        emailVerified: true,
        linkedAt: later,
        lastUsedAt: later,
      }
      expect(await stores('identities').use(again)).toBe(true)
      const updated = { ...again, linkedAt: now, encryptedToken: 'v1.old' }
      expect(await stores('identities').find(identity.provider, identity.subject)).toStrictEqual(updated)
      expect(await stores('identities').use({ ...again, encryptedToken: 'v1.new' })).toBe(true)
      expect(await stores('identities').find(identity.provider, identity.subject)).toStrictEqual({
        ...updated,
        encryptedToken: 'v1.new',
      })
    })

    test('a sign-in does not bring a removed identity back, and does not take it from another user (F10)', async () => {
      const removed = await linked()
      await stores('identities').forget(removed.provider, removed.subject)
      expect(await stores('identities').use(removed)).toBe(false)
      expect(await stores('identities').find(removed.provider, removed.subject)).toBeUndefined()
      const other = await linked({ subject: removed.subject })
      expect(await stores('identities').use({ ...removed, name: 'Jane' })).toBe(false)
      expect(await stores('identities').find(removed.provider, removed.subject)).toStrictEqual(other)
    })

    test('of 20 sign-ins and one removal at once, no sign-in brings the identity back (F10)', async () => {
      const identity = await linked()
      const uses = await atOnce(21, async (index) =>
        index === 7
          ? (await stores('identities').forget(identity.provider, identity.subject)) === undefined
          : stores('identities').use({ ...identity, lastUsedAt: later }),
      )
      expect(uses[7]).toBe(false)
      expect(await stores('identities').find(identity.provider, identity.subject)).toBeUndefined()
    })

    test('an identity stays locked through a new link, and nobody signs in with it until it is unlocked', async () => {
      const [identity, other] = [await linked(), await linked()]
      const { provider, subject } = identity
      await stores('identities').lock(provider, subject, now)
      const locked = { ...identity, lockedAt: now }
      expect(await stores('identities').find(provider, subject)).toStrictEqual(locked)
      expect(await stores('identities').find(other.provider, other.subject)).toStrictEqual(other)
      expect(await link({ ...identity, name: 'Jane', lastUsedAt: later })).toBe('linked')
      expect(await stores('identities').use({ ...identity, name: 'John' })).toBe(false)
      expect(await stores('identities').listOfUser(identity.userId)).toStrictEqual([
        { ...locked, name: 'Jane', lastUsedAt: later },
      ])
      await stores('identities').lock(provider, subject, undefined)
      expect(await stores('identities').forget(provider, subject)).toStrictEqual({
        ...identity,
        name: 'Jane',
        lastUsedAt: later,
      })
      await stores('identities').lock('kakao', 'unknown', now)
    })

    test('an identity that was neither used nor checked for a while is leased once for a check', async () => {
      const provider = `p${randomToken(4)}`
      const at = (seconds: number) => secondsAfter(now, seconds)
      const lease = async (before: Date, limit = 10) =>
        (await stores('identities').leaseForCheck(provider, before, at(1000), limit))
          .map(({ subject }) => subject)
          .sort()
      const old = await linked({ provider, subject: 'a', linkedAt: at(-20), lastUsedAt: at(-20) })
      await linked({ provider, subject: 'b', linkedAt: at(-10), lastUsedAt: at(-10) })
      await linked({ provider, subject: 'c', linkedAt: at(-30), lastUsedAt: at(5) })
      await linked({ provider: `${provider}x`, linkedAt: at(-20), lastUsedAt: at(-20) })
      expect(await lease(at(-20))).toEqual([])
      expect(await stores('identities').leaseForCheck(provider, now, now, 1)).toStrictEqual([old])
      expect(await lease(now)).toEqual(['b'])
      expect(await lease(now)).toEqual([])
      expect(await lease(at(1000))).toEqual(['a', 'c'])
      expect(await lease(at(1001))).toEqual(['a', 'b', 'c'])
    })

    test('concurrent workers never lease the same identity for a check', async () => {
      const provider = `p${randomToken(4)}`
      for (let count = 0; count < 30; count += 1) await linked({ provider })
      const leased = await atOnce(20, () =>
        stores('identities').leaseForCheck(provider, later, secondsAfter(later, 1), 3),
      )
      const subjects = leased.flat().map(({ subject }) => subject)
      expect(new Set(subjects).size).toBe(subjects.length)
      const rest = await stores('identities').leaseForCheck(provider, later, secondsAfter(later, 1), 100)
      expect(subjects.length + rest.length).toBe(30)
    })

    test('deleting a user deletes the identities and enqueues a disconnect request for each', async () => {
      const { userId, ...first } = await linked({ encryptedToken: 'sealed' })
      const second = await linked({ userId, provider: 'google' })
      const other = await linked()
      await stores('disconnectRequests').enqueue({ ...second, requestedAt: now })
      expect(await stores('users').delete(userId, later)).toBe(true)
      expect(await stores('identities').find(second.provider, second.subject)).toBeUndefined()
      const requests = await stores('disconnectRequests').lease(1000, later, secondsAfter(later, 60))
      const subjects = [first.subject, second.subject, other.subject]
      expect(
        requests
          .filter(({ subject }) => subjects.includes(subject))
          .sort((a, b) => a.provider.localeCompare(b.provider)),
      ).toStrictEqual([
        { provider: 'google', subject: second.subject, attempts: 1, requestedAt: later },
        {
          provider: 'kakao',
          subject: first.subject,
          encryptedToken: 'sealed',
          attempts: 1,
          requestedAt: later,
        },
      ])
    })
  })

  describe('add', () => {
    const add = async (userId: string, identities: Identity[]) => {
      const read = await stores('users').find(userId)
      if (read === undefined) throw new Error('The user is missing.')
      return stores('identities').add(read, identities, [])
    }

    test('a user who exists gets all identities, each as it was given', async () => {
      const { userId, ...known } = await linked()
      const [naver, google] = [
        anIdentity({ userId, provider: 'naver', encryptedToken: 'v1.x', name: '홍길동' }),
        anIdentity({ userId, provider: 'google', email: 'jane@example.com', emailVerified: true }),
      ]
      expect(await add(userId, [naver, google])).toBe('added')
      const found = await stores('identities').listOfUser(userId)
      expect(found).toStrictEqual([google, { userId, ...known }, naver])
    })

    test.each(['another user', 'the same user'])(
      'a user gets none of the identities if %s has one of them (F9)',
      async (owner) => {
        const user = await aPerson()
        const taken = await linked(owner === 'the same user' ? { userId: user.id } : {})
        const own = await stores('identities').listOfUser(user.id)
        const [first, last] = [anIdentity({ userId: user.id }), anIdentity({ userId: user.id })]
        const again = { ...taken, userId: user.id, name: 'Eve' }
        expect(await add(user.id, [first, again, last])).toBe('taken')
        expect(await stores('identities').find(taken.provider, taken.subject)).toStrictEqual(taken)
        expect(await stores('identities').listOfUser(user.id)).toStrictEqual(own)
      },
    )

    test('a user whose access ended since the record was read gets no identity (F10)', async () => {
      const user = { ...(await aPerson()), scopes: [] }
      const unknown = { ...aUser(), scopes: [] }
      await stores('users').change(user.id, { tokensValidAfter: now }, now)
      for (const read of [user, unknown]) {
        const identities = [anIdentity({ userId: read.id })]
        expect(await stores('identities').add(read, identities, [])).toBe('ended')
        expect(await stores('identities').listOfUser(read.id)).toEqual([])
      }
    })

    test('exactly one of 20 users who get the same identities at once has all of them (F9)', async () => {
      const people = await atOnce(20, () => aPerson())
      const subjects = Array.from({ length: 5 }, () => randomToken(8))
      const outcomes = await atOnce(20, (index) => {
        const userId = people[index]?.id ?? ''
        return add(
          userId,
          subjects.map((subject) => anIdentity({ subject, userId })),
        )
      })
      expect(outcomes.toSorted()).toEqual(['added', ...Array.from({ length: 19 }, () => 'taken')])
      const winner = people[outcomes.indexOf('added')]?.id ?? ''
      expect(await stores('identities').listOfUser(winner)).toHaveLength(subjects.length)
    })
  })

  describe('register', () => {
    test('register stores the user and all identities', async () => {
      const user = aUser({ email: anEmail(), roles: ['user'] })
      const identity = anIdentity({ userId: user.id, provider: 'kakao' })
      const second = anIdentity({ userId: user.id, provider: 'google' })
      expect(await stores('identities').register(user, [identity, second])).toBe('registered')
      expect(await stores('users').find(user.id)).toStrictEqual({ ...user, scopes: [] })
      expect(await stores('identities').listOfUser(user.id)).toStrictEqual([second, identity])
    })

    test('register stores nothing if the e-mail address, the username or one identity is taken', async () => {
      const { email = '' } = await aPerson({ email: anEmail() })
      const sameEmail = aUser({ email })
      const identity = anIdentity({ userId: sameEmail.id })
      expect(await stores('identities').register(sameEmail, [identity])).toBe('email_taken')
      expect(await stores('identities').find(identity.provider, identity.subject)).toBeUndefined()

      const { provider, subject } = await linked()
      const late = aUser()
      const taken = anIdentity({ provider, subject, userId: late.id })
      const free = anIdentity({ userId: late.id })
      expect(await stores('identities').register(late, [free, taken])).toBe('taken')
      expect(await stores('users').find(late.id)).toBeUndefined()
      expect(await stores('identities').find(free.provider, free.subject)).toBeUndefined()

      const username = `name-${free.subject}`
      const first = aUser({ username })
      expect(await stores('users').create(first)).toBe('created')
      const sameName = aUser({ username })
      const other = anIdentity({ userId: sameName.id })
      expect(await stores('identities').register(sameName, [other])).toBe('username_taken')
      expect(await stores('identities').find(other.provider, other.subject)).toBeUndefined()
    })

    test('exactly one of 20 concurrent first sign-ins with the same identity creates a user', async () => {
      const { subject } = anIdentity()
      const users = Array.from({ length: 20 }, () => aUser())
      const outcomes = await atOnce(20, (index) => {
        const user = users[index] ?? aUser()
        return stores('identities').register(user, [anIdentity({ subject, userId: user.id })])
      })
      expect(outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(1)
      const kept = await Promise.all(users.map(({ id }) => stores('users').find(id)))
      expect(kept.filter((user) => user !== undefined)).toHaveLength(1)
    })
  })

  describe('takeOver', () => {
    const unverifiedAccount = async () => {
      const email = anEmail()
      const user = await aPerson({
        email,
        username: randomToken(8).replaceAll(/[^a-zA-Z0-9]/g, 'x'),
        name: 'Not The Owner',
        locale: 'en',
        passwordHash: 'hash',
        roles: ['user'],
        claims: { premium: true },
        onboarded: true,
        createdAt: now,
      })
      const earlierIdentity = await linked({ userId: user.id, provider: 'naver' })
      const identity = anIdentity({ userId: user.id, emailVerified: true, linkedAt: later })
      const owner = {
        id: user.id,
        email,
        emailVerified: true,
        name: '홍길동',
        locale: 'ko',
        roles: ['user'],
        claims: {},
        onboarded: false,
        updatedAt: later,
      }
      return { user, earlierIdentity, owner, identity }
    }
    const aConsent = (userId: string) => {
      const clientId = `client-${randomToken(6)}`
      return { userId, clientId, scopes: ['openid'], grantedAt: now }
    }

    test('takeOver leaves only the id and the address, and stores the owner’s members (F10)', async () => {
      const { user, owner, identity } = await unverifiedAccount()
      const role = { name: `role-${user.id}`.slice(0, 60), scopes: ['orders:read'] }
      await stores('roles').create(role)
      await stores('users').change(user.id, { roles: ['user', role.name] }, now)
      const other = await aPerson({ roles: ['user', role.name] })
      const consents = [aConsent(user.id), aConsent(other.id)]
      for (const consent of consents) await stores('consents').grant(consent)
      const asTyped = { ...owner, email: owner.email.toUpperCase() }
      expect(await stores('identities').takeOver(asTyped, identity)).toBe('taken_over')
      expect(await stores('users').find(user.id)).toStrictEqual({
        ...owner,
        createdAt: now,
        tokensValidAfter: later,
        scopes: [],
      })
      expect(await stores('identities').listOfUser(user.id)).toStrictEqual([identity])
      expect(await stores('consents').listOfUser(user.id)).toEqual([])
      // The username is free again, and other users keep what they have.
      expect(await stores('users').findByLogin(user.username ?? '')).toBeUndefined()
      await aPerson({ username: user.username ?? '' })
      expect((await stores('users').find(other.id))?.roles).toEqual(['user', role.name])
      expect(await stores('consents').listOfUser(other.id)).toHaveLength(1)
    })

    test('takeOver removes the name and the language if the owner has none (F10)', async () => {
      const { user, owner, identity } = await unverifiedAccount()
      const { name: _, locale: __, ...nameless } = owner
      expect(await stores('identities').takeOver(nameless, identity)).toBe('taken_over')
      const kept = await stores('users').find(user.id)
      expect([kept?.name, kept?.locale]).toEqual([undefined, undefined])
    })

    test('takeOver moves a later cut-off forward, and keeps a disabled user disabled (F10)', async () => {
      const { user, owner, identity } = await unverifiedAccount()
      const cutOff = secondsAfter(later, 50)
      await stores('users').change(user.id, { tokensValidAfter: cutOff, disabledAt: now }, now)
      expect(await stores('identities').takeOver(owner, identity)).toBe('taken_over')
      const kept = await stores('users').find(user.id)
      expect(kept?.tokensValidAfter).toEqual(secondsAfter(cutOff, 0.001))
      expect(kept?.disabledAt).toEqual(now)
    })

    test.each(['the address is verified', 'the address differs', 'the user is unknown'])(
      'takeOver is refused and changes nothing if %s (F10)',
      async (reason) => {
        const { user, earlierIdentity, owner, identity } = await unverifiedAccount()
        if (reason === 'the address is verified')
          await stores('users').change(user.id, { emailVerified: true }, now)
        if (reason === 'the address differs') owner.email = anEmail()
        if (reason === 'the user is unknown') owner.id = newUserId()
        const before = await stores('users').find(user.id)
        expect(await stores('identities').takeOver(owner, identity)).toBe('refused')
        expect(await stores('users').find(user.id)).toStrictEqual(before)
        expect(await stores('identities').listOfUser(user.id)).toStrictEqual([earlierIdentity])
      },
    )

    test('takeOver changes nothing if the identity belongs to another user (F10)', async () => {
      const { user, earlierIdentity, owner, identity } = await unverifiedAccount()
      const { provider, subject } = await linked()
      const before = await stores('users').find(user.id)
      expect(await stores('identities').takeOver(owner, { ...identity, provider, subject })).toBe('taken')
      expect(await stores('users').find(user.id)).toStrictEqual(before)
      expect(await stores('identities').listOfUser(user.id)).toStrictEqual([earlierIdentity])
    })

    test('exactly one of 10 concurrent takeovers succeeds (F10)', async () => {
      const { owner, identity } = await unverifiedAccount()
      const outcomes = await atOnce(10, () =>
        stores('identities').takeOver(owner, { ...identity, subject: randomToken(8) }),
      )
      expect(outcomes.filter((outcome) => outcome === 'taken_over')).toHaveLength(1)
    })

    test('of links and one takeover at once, no link of before the takeover stays (F10)', async () => {
      const { user, owner, identity } = await unverifiedAccount()
      const read = await stores('users').find(user.id)
      const outcomes = await atOnce(21, (index) =>
        index === 7
          ? stores('identities').takeOver(owner, identity)
          : stores('identities').link(anIdentity({ userId: user.id }), read ?? {}),
      )
      expect(outcomes[7]).toBe('taken_over')
      expect(await stores('identities').listOfUser(user.id)).toStrictEqual([identity])
    })
  })

  describe('unlink and forget', () => {
    test('a user with a password can unlink the only identity', async () => {
      const { id: userId } = await aPerson({ passwordHash: 'hash' })
      const only = await linked({ userId })
      expect(await stores('identities').unlink(userId, only.provider, only.subject)).toBe('unlinked')
      expect(await stores('identities').listOfUser(userId)).toEqual([])
    })

    test('the last login method cannot be unlinked (F18)', async () => {
      const { id: userId } = await aPerson()
      const one = await linked({ userId })
      const two = await linked({ userId, provider: 'google' })
      expect(await stores('identities').unlink(userId, one.provider, one.subject)).toBe('unlinked')
      expect(await stores('identities').unlink(userId, two.provider, two.subject)).toBe('last_login_method')
      expect(await stores('identities').listOfUser(userId)).toStrictEqual([two])
    })

    test('one of 20 identities stays when a user without a password unlinks all concurrently (F18)', async () => {
      const { id: userId } = await aPerson()
      const identities = await Promise.all(Array.from({ length: 20 }, () => linked({ userId })))
      const outcomes = await atOnce(20, (index) =>
        stores('identities').unlink(userId, 'kakao', identities[index]?.subject ?? ''),
      )
      expect(outcomes.filter((outcome) => outcome === 'unlinked')).toHaveLength(19)
      expect(outcomes.filter((outcome) => outcome === 'last_login_method')).toHaveLength(1)
      expect(await stores('identities').listOfUser(userId)).toHaveLength(1)
    })

    test('unlinking answers `unknown` for an identity that does not exist or belongs to another user', async () => {
      const mine = await linked()
      const { id: other } = await aPerson({ passwordHash: 'hash' })
      expect(await stores('identities').unlink(other, mine.provider, mine.subject)).toBe('unknown')
      expect(await stores('identities').unlink(mine.userId, 'kakao', 'unknown')).toBe('unknown')
      expect(await stores('identities').unlink(newUserId(), mine.provider, mine.subject)).toBe('unknown')
      expect(await stores('identities').find(mine.provider, mine.subject)).toStrictEqual(mine)
    })

    test('an identity that the provider ended is forgotten once, even if it is the last login method', async () => {
      const identity = await linked({ encryptedToken: 'v1.x' })
      const answers = await atOnce(10, () => stores('identities').forget(identity.provider, identity.subject))
      expect(answers.filter((answer) => answer !== undefined)).toStrictEqual([identity])
      expect(await stores('identities').listOfUser(identity.userId)).toEqual([])
    })
  })
})

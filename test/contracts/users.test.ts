import { describe, expect, test } from 'vitest'
import { secondsAfter } from '../../src/clock.ts'
import { randomToken } from '../../src/secrets.ts'
import { type NewUser, newUserId } from '../../src/users/user.ts'
import { testClock } from '../support/clock.ts'
import { atOnce, onLastingBackends } from './lasting-backends.ts'
import { aUser } from './records.ts'

const now = testClock().now()
const name = () =>
  randomToken(8)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, 'x')

onLastingBackends('users', (stores) => {
  const created = async (members: Partial<NewUser> = {}) => {
    const user = aUser(members)
    expect(await stores('users').create(user)).toBe('created')
    return user
  }

  const aRole = async (scopes: string[]) => {
    const role = { name: `role-${name()}`, scopes }
    expect(await stores('roles').create(role)).toBe('created')
    return role.name
  }

  describe('create, find, list and delete', () => {
    test('a user with every member is returned exactly as it was stored', async () => {
      const user = await created({
        email: `${name()}@example.com`,
        emailVerified: true,
        username: `Zoë-${name()}`,
        name: 'Conan O\'Brien 김철수 🙂 \\ "quoted"',
        locale: 'ko-KR',
        passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
        roles: ['user'],
        claims: {
          premium: true,
          level: Number.MAX_SAFE_INTEGER,
          camelCase: { snake_case: ["'", null, 0.1] },
        },
        onboarded: true,
        disabledAt: now,
        tokensValidAfter: now,
      })
      expect(await stores('users').find(user.id)).toStrictEqual({ ...user, scopes: [] })
    })

    test('absent members of a user stay absent', async () => {
      const user = await created()
      expect(await stores('users').find(user.id)).toStrictEqual({ ...user, scopes: [] })
    })

    test('an unknown user is not found, changed or deleted', async () => {
      expect(await stores('users').find(newUserId())).toBeUndefined()
      expect(await stores('users').findByLogin('unknown@example.com')).toBeUndefined()
      expect(await stores('users').findByLogin('unknown\0')).toBeUndefined()
      expect(await stores('users').change(newUserId(), { onboarded: true }, now)).toBe('unknown')
      expect(await stores('users').change(newUserId(), { roles: ['user'] }, now)).toBe('unknown')
      expect(await stores('users').delete(newUserId(), now)).toBe(false)
    })

    test('findByLogin ignores case, spaces around the name and the width of characters', async () => {
      const login = name()
      const user = await created({ email: `${login}@Example.com`, username: `Ｊane.${login}` })
      const users = stores('users')
      expect((await users.findByLogin(` ${login.toUpperCase()}@EXAMPLE.com `))?.id).toBe(user.id)
      expect((await users.findByLogin(`jAnE.${login}`))?.id).toBe(user.id)
      expect((await users.find(user.id))?.username).toBe(`Ｊane.${login}`)
      expect((await users.find(user.id))?.email).toBe(`${login}@example.com`)
    })

    test('several users can have no e-mail address and no username', async () => {
      await Promise.all([created(), created(), created()])
    })

    test('exactly one of 50 concurrent creations with the same e-mail address succeeds', async () => {
      const email = `${name()}@example.com`
      const outcomes = await atOnce(50, () => stores('users').create(aUser({ email, roles: ['user'] })))
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'email_taken')).toHaveLength(49)
    })

    test('exactly one of 50 concurrent creations with the same username in different case succeeds', async () => {
      const username = name()
      const outcomes = await atOnce(50, (index) =>
        stores('users').create(aUser({ username: index % 2 ? username : username.toUpperCase() })),
      )
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'username_taken')).toHaveLength(49)
    })

    test('users are listed in byte order of their ids, page by page', async () => {
      const base = newUserId().slice(0, -3)
      const ids = ['-aa', 'AAA', 'ZZZ', '_aa', 'aaa'].map((end) => `${base}${end}`)
      for (const id of ids.toReversed()) await created({ id })
      const first = await stores('users').list({ after: base, limit: 2 })
      expect(first.map(({ id }) => id)).toEqual(ids.slice(0, 2))
      const second = await stores('users').list({ after: ids[1] ?? '', limit: 3 })
      expect(second.map(({ id }) => id)).toEqual(ids.slice(2))
      expect(await stores('users').list({ limit: 1 })).toHaveLength(1)
    })

    test('a deleted user is not found, and the consents are deleted', async () => {
      const { id } = await created({ roles: ['user'] })
      const clientId = name()
      await stores('consents').grant({ userId: id, clientId, scopes: ['openid'], grantedAt: now })
      expect(await stores('users').delete(id, now)).toBe(true)
      expect(await stores('users').find(id)).toBeUndefined()
      expect(await stores('consents').find(id, clientId)).toBeUndefined()
      expect(await stores('users').delete(id, now)).toBe(false)
    })
  })

  describe('change and replacePasswordHash', () => {
    const later = new Date(now.getTime() + 1)
    const cutOffOf = async (id: string) => (await stores('users').find(id))?.tokensValidAfter

    test('each new cut-off is later than the last one, also if the clock is behind (E3)', async () => {
      const { id } = await created()
      const cutOffs: (Date | undefined)[] = []
      for (const seconds of [0, 0, -60, 1]) {
        const time = secondsAfter(now, seconds)
        expect(await stores('users').change(id, { tokensValidAfter: time }, now)).toBe('changed')
        cutOffs.push(await cutOffOf(id))
      }
      expect(cutOffs).toEqual([0, 0.001, 0.002, 1].map((seconds) => secondsAfter(now, seconds)))
    })

    test('verifyEmail marks an address only while it is the one of the user (F9)', async () => {
      const [first, second] = [`${name()}@example.com`, `${name()}@example.net`]
      const { id } = await created({ email: first, emailVerified: false })
      await stores('users').change(id, { email: second }, now)
      expect(await stores('users').verifyEmail(id, first, later)).toBe(false)
      expect(await stores('users').find(id)).toMatchObject({ email: second, emailVerified: false })
      expect(await stores('users').verifyEmail(id, second.toUpperCase(), later)).toBe(true)
      expect(await stores('users').find(id)).toMatchObject({ emailVerified: true, updatedAt: later })
      expect(await stores('users').verifyEmail(newUserId(), second, later)).toBe(false)
    })

    test('20 concurrent new cut-offs of one user all count (E3)', async () => {
      const { id } = await created()
      await atOnce(20, () => stores('users').change(id, { tokensValidAfter: now }, now))
      expect(await cutOffOf(id)).toEqual(secondsAfter(now, 0.019))
    })

    test('a password change can move the cut-off in the same step, and returns what it wrote (E4)', async () => {
      const { id } = await created({ passwordHash: 'old', name: 'Jane' })
      const read = async () => {
        const user = await stores('users').find(id)
        if (user === undefined) throw new Error('The user is missing.')
        return user
      }
      const change = async (to: string, cutOff?: Date) =>
        stores('users').changePassword(await read(), to, cutOff)
      expect(await change('new')).toStrictEqual(await read())
      expect(await read()).toMatchObject({ passwordHash: 'new', name: 'Jane' })
      expect(await cutOffOf(id)).toBeUndefined()
      expect(await change('newer', now)).toStrictEqual(await read())
      expect(await read()).toMatchObject({ passwordHash: 'newer', tokensValidAfter: now })
      expect(await change('newest', now)).toStrictEqual(await read())
      expect(await cutOffOf(id)).toEqual(later)
    })

    const endings: Record<string, (id: string) => Promise<unknown>> = {
      'the password changed': (id) => stores('users').replacePasswordHash(id, 'old', 'other'),
      'the password was removed': (id) => stores('users').change(id, { passwordHash: null }, now),
      'everything was signed out': (id) => stores('users').change(id, { tokensValidAfter: now }, now),
      'the user was disabled': (id) => stores('users').change(id, { disabledAt: now }, now),
      'the user was deleted': (id) => stores('users').delete(id, now),
    }
    test.each(Object.keys(endings))(
      'a password does not change if %s since the user was read (E4)',
      async (ending) => {
        const { id } = await created({ passwordHash: 'old' })
        const read = await stores('users').find(id)
        await endings[ending]?.(id)
        const before = await stores('users').find(id)
        expect(read && (await stores('users').changePassword(read, 'new', now))).toBeUndefined()
        expect(await stores('users').find(id)).toEqual(before)
      },
    )

    test('of 20 concurrent password changes from one password exactly one takes effect (E4)', async () => {
      const { id } = await created({ passwordHash: 'old' })
      const read = await stores('users').find(id)
      const answers = await atOnce(
        20,
        async (index) => read && stores('users').changePassword(read, `new ${index}`),
      )
      const [written, ...others] = answers.filter((answer) => answer !== undefined)
      expect(others).toEqual([])
      expect(await stores('users').find(id)).toStrictEqual(written)
    })

    test('a change of a user affects only the given members', async () => {
      const user = await created({ name: 'Jane', locale: 'en', claims: { a: 1 } })
      expect(await stores('users').change(user.id, { name: 'Joan', claims: {} }, later)).toBe('changed')
      expect(await stores('users').find(user.id)).toStrictEqual({
        ...user,
        name: 'Joan',
        claims: {},
        scopes: [],
        updatedAt: later,
      })
    })

    test('null removes a member of a user, and another user can take the removed e-mail address and username', async () => {
      const user = await created({ email: `${name()}@example.com`, username: name(), disabledAt: now })
      const removal = { email: null, username: null, disabledAt: null }
      expect(await stores('users').change(user.id, removal, later)).toBe('changed')
      const { email: _e, username: _u, disabledAt: _d, ...rest } = user
      expect(await stores('users').find(user.id)).toStrictEqual({ ...rest, scopes: [], updatedAt: later })
      await created({ email: user.email ?? '', username: user.username ?? '' })
    })

    test('an e-mail address or username of another user is refused, and nothing changes', async () => {
      const other = await created({ email: `${name()}@example.com`, username: name() })
      const user = await created({ name: 'Jane' })
      const users = stores('users')
      const email = other.email?.toUpperCase() ?? ''
      expect(await users.change(user.id, { email, name: 'Joan' }, later)).toBe('email_taken')
      const username = other.username?.toUpperCase() ?? ''
      expect(await users.change(user.id, { username, roles: ['user'] }, later)).toBe('username_taken')
      expect(await users.find(user.id)).toStrictEqual({ ...user, scopes: [] })
      expect(await users.change(other.id, { email, username }, later)).toBe('changed')
    })

    test('exactly one of 20 users who concurrently change to the same username succeeds', async () => {
      const people = await atOnce(20, () => created())
      const username = name()
      const outcomes = await Promise.all(
        people.map(({ id }) => stores('users').change(id, { username, roles: ['user'] }, later)),
      )
      expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(1)
    })

    test('exactly one of 20 concurrent replacements of the same password hash succeeds', async () => {
      const { id } = await created({ passwordHash: 'old' })
      const outcomes = await atOnce(20, (index) =>
        stores('users').replacePasswordHash(id, 'old', `new ${index}`),
      )
      expect(outcomes.filter((replaced) => replaced)).toHaveLength(1)
      expect((await stores('users').find(id))?.passwordHash).toBe(`new ${outcomes.indexOf(true)}`)
    })
  })

  describe('roles', () => {
    test('a user is returned with the scopes that the roles grant at that moment', async () => {
      const [editor, author] = [await aRole(['posts:write', 'posts:read']), await aRole(['posts:read'])]
      const user = await created({ roles: [editor, author, 'user'], username: name() })
      const expected = { ...user, scopes: ['posts:read', 'posts:write'] }
      const users = stores('users')
      expect(await users.find(user.id)).toStrictEqual(expected)
      expect(await users.findByLogin(user.username ?? '')).toStrictEqual(expected)
      expect((await users.list({ limit: 1000 })).find(({ id }) => id === user.id)).toStrictEqual(expected)
      expect(await users.change(user.id, { roles: [author] }, now)).toBe('changed')
      expect(await users.find(user.id)).toMatchObject({ roles: [author], scopes: ['posts:read'] })
    })

    test('a deleted role is removed from its users, and a new role with its name is not given to them', async () => {
      const role = await aRole(['admin'])
      const { id } = await created({ roles: ['user', role] })
      expect(await stores('roles').delete(role)).toBe(true)
      expect(await stores('users').find(id)).toMatchObject({ roles: ['user'], scopes: [] })
      expect(await stores('roles').create({ name: role, scopes: ['admin'] })).toBe('created')
      expect(await stores('users').find(id)).toMatchObject({ roles: ['user'], scopes: [] })
      expect(await stores('roles').delete('no such role')).toBe(false)
    })

    test('a role that does not exist is not given to a user, even if it is created later', async () => {
      const role = `role-${name()}`
      const { id } = await created({ roles: ['user', role] })
      await stores('users').change(id, { roles: [role, 'user', 'user'] }, now)
      await stores('roles').create({ name: role, scopes: ['admin'] })
      expect(await stores('users').find(id)).toMatchObject({ roles: ['user'], scopes: [] })
    })

    test('no user has a role that is deleted while it is given', async () => {
      const role = await aRole(['admin'])
      const people = await atOnce(20, () => created())
      await Promise.all([
        ...people.map(({ id }) => stores('users').change(id, { roles: ['user', role] }, now)),
        stores('roles').delete(role),
      ])
      const found = await Promise.all(people.map(({ id }) => stores('users').find(id)))
      expect(found.map((user) => user?.roles)).toEqual(people.map(() => ['user']))
    })

    test('exactly one of 20 concurrent creations of the same role succeeds', async () => {
      const role = `role-${name()}`
      const outcomes = await atOnce(20, (index) =>
        stores('roles').create({ name: role, scopes: [`s${index}`] }),
      )
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
      const winner = outcomes.indexOf('created')
      expect(await stores('roles').find(role)).toStrictEqual({ name: role, scopes: [`s${winner}`] })
      expect(await stores('roles').list()).toContainEqual({ name: role, scopes: [`s${winner}`] })
    })

    test('the default role exists from the start and grants no scopes', async () => {
      expect(await stores('roles').find('user')).toStrictEqual({ name: 'user', scopes: [] })
      expect(await stores('roles').find('no such role')).toBeUndefined()
    })
  })
})

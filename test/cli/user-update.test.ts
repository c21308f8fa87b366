// Changing the record of a user, and exporting users for another installation.
import { hashSync } from '@node-rs/bcrypt'
import { describe, expect, test } from 'vitest'
import type { OperationName } from '../../src/admin/operations.ts'
import { randomToken } from '../../src/secrets.ts'
import { callOperation } from '../support/call-operation.ts'
import { mailKindsTo } from '../support/mailbox.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const run = (name: OperationName, input?: object) =>
  callOperation(issuer.app.operations, name, input) as Promise<Record<string, unknown>>

const address = () => `${randomToken(6).toLowerCase().replaceAll(/[_-]/g, 'x')}@example.com`

describe('users.update', () => {
  test('a changed e-mail address is not verified, unless the admin says so', async () => {
    const user = await issuer.user({ emailVerified: true })
    const [email, other] = [address(), address()]
    const changed = await run('users.update', { user: user.id, email: ` ${email.toUpperCase()} ` })
    expect(changed).toMatchObject({ id: user.id, email, email_verified: false })
    expect(await run('users.update', { user: email, email: other, emailVerified: true })).toMatchObject({
      ...{ email: other, email_verified: true },
    })
    // The same address keeps its mark.
    expect(await run('users.update', { user: user.id, email: other.toUpperCase() })).toMatchObject({
      email_verified: true,
    })
    expect(await run('users.update', { user: user.id, emailVerified: false })).toMatchObject({
      ...{ email: other, email_verified: false },
    })
  })

  test('a changed user stays signed in, and userinfo shows the new name, username and language', async () => {
    const [user, client] = [await issuer.user(), await issuer.client()]
    const { accessToken, refreshToken } = await issuer.tokens(client, user)
    const username = `jane-${randomToken(4).replaceAll(/[_-]/g, '0')}`
    await run('users.update', { user: user.email, name: '제인', username, locale: 'KO-kr' })
    const { json } = await issuer.bearer('/userinfo', accessToken)
    expect(json).toMatchObject({ sub: user.id, name: '제인' })
    expect(await run('users.show', { user: username })).toMatchObject({ locale: 'ko-KR', username })
    expect((await issuer.refresh(client, refreshToken)).status).toBe(200)
  })

  test('the old address of a changed user gets a mail about the change', async () => {
    const user = await issuer.user({ emailVerified: true })
    await run('users.update', { user: user.id, name: 'Jane' })
    expect(await mailKindsTo(issuer, user.email)).toEqual([])
    await run('users.update', { user: user.id, email: address() })
    expect(await mailKindsTo(issuer, user.email)).toEqual(['email_changed'])
  })

  test('claims are added to those that exist, and clear removes a member', async () => {
    const user = await issuer.user({ name: 'Jane', claims: { plan: 'free', seats: 1 } })
    expect(
      await run('users.update', { user: user.id, claims: { plan: 'pro' }, clear: ['name'] }),
    ).toMatchObject({ name: null, claims: { plan: 'pro', seats: 1 } })
  })

  test.each<[string, object, string]>([
    ['an address of another user', { email: 'taken@example.com' }, 'exists'],
    ['a username of another user', { username: 'Taken' }, 'exists'],
    ['something that is not an address', { email: 'jane' }, 'invalid'],
    ['a name that nobody can see', { name: '\u2800' }, 'invalid'],
    ['something that is not a language tag', { locale: 'korean!' }, 'invalid'],
    ['a claim that the issuer sets', { claims: { roles: [] } }, 'invalid'],
    ['no address and no username', { clear: ['email', 'username'] }, 'invalid'],
    ['a verified address that does not exist', { clear: ['email'], emailVerified: true }, 'invalid'],
    ['a member that cannot be cleared', { clear: ['roles'] }, 'invalid'],
  ])('users.update rejects %s and changes nothing', async (_, input, code) => {
    if (code === 'exists' && (await issuer.stores.users.findByLogin('taken')) === undefined)
      await run('users.create', { email: 'taken@example.com', username: 'taken' })
    const user = await issuer.user()
    const before = await run('users.show', { user: user.id })
    await expect(run('users.update', { user: user.id, ...input })).rejects.toMatchObject({ code })
    expect(await run('users.show', { user: user.id })).toEqual(before)
  })

  test('the audit log names the changed members, and never their values (I4)', async () => {
    const user = await issuer.user()
    const email = address()
    await run('users.update', { user: user.id, email, name: 'Secret Name' })
    const rows = await issuer.stores.auditLog.list({ userId: user.id, type: 'user.changed', limit: 10 })
    expect(rows).toMatchObject([{ actor: 'admin', reason: 'email emailVerified name' }])
  })
})

describe('users.export', () => {
  const exportAll = async (input: object = {}) => {
    const users: Record<string, unknown>[] = []
    let after: unknown
    do {
      const page = await run('users.export', { limit: 2, ...input, ...(after ? { after } : {}) })
      users.push(...(page.users as Record<string, unknown>[]))
      after = page.next
    } while (after)
    return users
  }

  test('an exported user can be imported, with the password, the roles and the state', async () => {
    const [password, email] = [randomToken(16), address()]
    const passwordHash = hashSync(password, 4)
    const user = await issuer.user({
      ...{ email, passwordHash, name: 'Jane', locale: 'ko', onboarded: true, emailVerified: true },
      claims: { plan: 'pro', legacy_id: 42 },
    })
    const found = (await exportAll({ passwordHashes: true })).find((line) => line.email === email)
    expect(found).toMatchObject({ id: 42, password_hash: passwordHash, claims: { plan: 'pro' } })

    const before = await run('users.show', { user: user.id })
    await run('users.delete', { user: user.id })
    expect(await run('users.import', { lines: [{ line: 1, record: found }] })).toMatchObject([
      { outcome: 'created' },
    ])
    const { id, created_at: _, updated_at: __, ...after } = await run('users.show', { user: email })
    expect(id).not.toBe(user.id)
    expect(before).toMatchObject(after)
    expect((await issuer.json('/api/token', { email, password })).status).toBe(200)
  })

  test('a user of Kakao without an address can be changed, exported and imported', async () => {
    const identities = [{ provider: 'kakao', subject: '123456789012' }]
    const [line] = (await run('users.import', {
      lines: [{ line: 1, record: { identities } }],
    })) as unknown as {
      id: string
    }[]
    expect(await run('users.update', { user: line?.id, name: 'Jane' })).toMatchObject({ name: 'Jane' })
    const found = (await exportAll()).find(({ id }) => id === line?.id)
    expect(found).toMatchObject({ identities, name: 'Jane' })
    await run('users.delete', { user: line?.id })
    expect(await run('users.import', { lines: [{ line: 1, record: found }] })).toMatchObject([
      { outcome: 'created' },
    ])
  })

  test('a disabled user is still disabled after an export and an import', async () => {
    const [password, email] = [randomToken(16), address()]
    const user = await issuer.user({ email, passwordHash: hashSync(password, 4) })
    await run('users.disable', { user: user.id })
    const found = (await exportAll({ passwordHashes: true })).find((line) => line.email === email)
    await run('users.delete', { user: user.id })
    await run('users.import', { lines: [{ line: 1, record: found }] })
    expect((await issuer.json('/api/token', { email, password })).status).toBe(401)
  })

  test('an export holds password hashes only if the admin asks, and the audit log says so', async () => {
    const user = await issuer.user()
    const lines = await exportAll()
    expect(lines.find(({ email }) => email === user.email)).toMatchObject({ id: user.id })
    expect(JSON.stringify(lines)).not.toMatch(/password_hash|\$argon2|\$2b\$/)
    await exportAll({ passwordHashes: true })
    const rows = await issuer.stores.auditLog.list({ type: 'user.exported', limit: 2 })
    expect(rows.map(({ reason }) => reason)).toEqual([
      'all users, with password hashes',
      'all users, without password hashes',
    ])
  })
})

describe('roles.update', () => {
  test('the users of a role have its new scopes at once', async () => {
    await run('roles.create', { name: 'author', scopes: ['posts:read'] })
    const user = await issuer.user({ roles: ['author'] })
    expect(await run('users.show', { user: user.id })).toMatchObject({ scopes: ['posts:read'] })
    expect(await run('roles.update', { name: 'author', scopes: ['posts:read posts:write'] })).toEqual({
      ...{ name: 'author', scopes: ['posts:read', 'posts:write'] },
    })
    expect(await run('users.show', { user: user.id })).toMatchObject({
      scopes: ['posts:read', 'posts:write'],
    })
    expect(await run('roles.update', { name: 'author', clear: ['scope'] })).toMatchObject({ scopes: [] })
    expect(await run('roles.update', { name: 'author' })).toEqual({ name: 'author', scopes: [] })
    expect(await run('users.show', { user: user.id })).toMatchObject({ roles: ['author'], scopes: [] })
    const rows = await issuer.stores.auditLog.list({ type: 'role.changed', limit: 10 })
    expect(rows).toMatchObject([{ reason: 'author' }, { reason: 'author' }])
  })

  test.each<[object, string]>([
    [{ name: 'nobody', scopes: ['x'] }, 'not_found'],
    [{ name: 'nobody' }, 'not_found'],
    [{ name: 'user', scopes: ['a"b'] }, 'invalid'],
    [{ name: 'user', clear: ['name'] }, 'invalid'],
  ])('roles.update rejects %j', async (input, code) => {
    await expect(run('roles.update', input)).rejects.toMatchObject({ code })
  })
})

// The admin operations on users, run on a complete issuer. The tests check their effect through HTTP.
import { hashSync } from '@node-rs/bcrypt'
import { describe, expect, test } from 'vitest'
import type { OperationName } from '../../src/admin/operations.ts'
import { randomToken } from '../../src/secrets.ts'
import { eventTypes } from '../support/audit-events.ts'
import { callOperation } from '../support/call-operation.ts'
import { claimsOf, credentialsOf } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const run = (name: OperationName, input?: object) =>
  callOperation(issuer.app.operations, name, input) as Promise<Record<string, unknown>>

const address = () => `${randomToken(6).toLowerCase().replaceAll(/[_-]/g, 'x')}@example.com`

const logIn = (email: string, password: string) => issuer.json('/api/token', { email, password })

describe('creating a user', () => {
  test('a created user can sign in, and no answer shows the password hash', async () => {
    const [email, password] = [address(), randomToken(16)]
    const created = await run('users.create', {
      email: ` ${email.toUpperCase()} `,
      password,
      onboarded: true,
    })
    expect(Object.keys(created)).toEqual(['id'])
    expect((await logIn(email, password)).status).toBe(200)
    const shown = await run('users.show', { user: email })
    expect(shown).toMatchObject({
      id: created.id,
      email,
      onboarded: true,
      has_password: true,
      roles: ['user'],
    })
    expect(JSON.stringify(shown)).not.toMatch(/argon2|passwordHash|password_hash/)
    expect(eventTypes(issuer, String(created.id))).toContain('user.created')
  })

  test('users.show lists the login methods, also if there are none or one is locked at its provider', async () => {
    const { id: userId } = await issuer.user()
    const loginMethods = async () => (await run('users.show', { user: userId })).login_methods
    expect(await loginMethods()).toEqual(['password'])
    const now = issuer.clock.now()
    for (const provider of ['kakao', 'google']) {
      const identity = { provider, subject: randomToken(8), userId, emailVerified: false }
      const user = await issuer.stores.users.find(userId)
      await issuer.stores.identities.link({ ...identity, linkedAt: now, lastUsedAt: now }, user ?? {})
      if (provider === 'kakao') await issuer.stores.identities.lock(provider, identity.subject, now)
    }
    expect(await loginMethods()).toEqual(['password', 'google', 'kakao (locked there)'])
    for (const { provider, subject } of await issuer.stores.identities.listOfUser(userId))
      await issuer.stores.identities.forget(provider, subject)
    await issuer.stores.users.change(userId, { passwordHash: null }, now)
    expect(await loginMethods()).toEqual([])
  })

  test.each([
    ['neither address nor username', {}, 'invalid'],
    ['an invalid address', { email: 'jane' }, 'invalid'],
    ['a username with an @', { username: 'jane@home' }, 'invalid'],
    ['a username with an invisible letter', { username: 'jane\u3164' }, 'invalid'],
    ['a name that nobody can see', { email: 'a@b.example', name: '\u200b\u3164' }, 'invalid'],
    ['a short password', { email: 'a@b.example', password: 'short' }, 'invalid'],
    ['a common password', { email: 'a@b.example', password: 'passwordpassword' }, 'invalid'],
    ['an unknown role', { email: 'a@b.example', roles: ['nobody'] }, 'not_found'],
    ['an unknown member', { email: 'a@b.example', admin: true }, 'invalid'],
    ['a member of the wrong type', { email: ['a@b.example'] }, 'invalid'],
  ])('users.create rejects invalid input: %s', async (_, input, code) => {
    await expect(run('users.create', input)).rejects.toMatchObject({ code })
  })

  test('users.create names the required length when it rejects a short password', async () => {
    await expect(run('users.create', { email: address(), password: 'short' })).rejects.toThrow(
      /15 characters/,
    )
  })

  test('users.create stores a name in the normal form, and none for spaces alone', async () => {
    const created = async (name: string) => {
      const { id } = await run('users.create', { email: address(), name })
      return run('users.show', { user: id })
    }
    expect(await created(` ${'홍길동'.normalize('NFD')} `)).toMatchObject({ name: '홍길동' })
    expect((await created(' ')).name ?? null).toBeNull()
  })

  test('users.create rejects an address that is taken', async () => {
    const { email } = await issuer.user()
    await expect(run('users.create', { email })).rejects.toMatchObject({ code: 'exists' })
  })

  test('sub is opaque and never reused, and no client id may look like one (B7)', async () => {
    const email = address()
    const first = await run('users.create', { email })
    expect(first.id).toMatch(/^usr_[A-Za-z0-9_-]{22}$/)
    await run('users.delete', { user: email })
    const second = await run('users.create', { email })
    expect(second.id).not.toBe(first.id)
    const id = 'usr_AAAAAAAAAAAAAAAAAAAAAA'
    const client = { id, grants: ['client_credentials'], scopes: [] }
    await expect(run('clients.create', client)).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('ending sessions and tokens', () => {
  const signedIn = async () => {
    const user = await issuer.user()
    const client = await issuer.client()
    const agent = issuer.browser()
    const tokens = await issuer.tokens(client, user, {}, agent)
    return { user, client, agent, ...tokens }
  }

  const expectEnded = async ({
    client,
    agent,
    accessToken,
    refreshToken,
  }: Awaited<ReturnType<typeof signedIn>>) => {
    expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
    const again = await issuer.authorize(client, { prompt: 'none' }, agent)
    expect(again.location?.searchParams.get('error')).toBe('login_required')
  }

  test('a new password ends every session and token, also those of the same second (E4)', async () => {
    const person = await signedIn()
    const password = randomToken(16)
    const done = await run('users.set-password', { user: person.user.email, password })
    expect(done).toMatchObject({ id: person.user.id, ended_sessions: 1 })
    await expectEnded(person)
    expect((await logIn(person.user.email, person.user.password)).status).toBe(401)
    issuer.clock.advance(1)
    expect((await logIn(person.user.email, password)).status).toBe(200)
    expect(eventTypes(issuer, person.user.id)).toContain('user.password_changed')
  })

  test('a disabled user loses all sessions and tokens and cannot sign in until enabled (E4)', async () => {
    const person = await signedIn()
    expect(await run('users.disable', { user: person.user.id })).toMatchObject({ ended_sessions: 1 })
    await expectEnded(person)
    issuer.clock.advance(1)
    expect((await logIn(person.user.email, person.user.password)).status).toBe(401)
    expect(await run('users.enable', { user: person.user.id })).toMatchObject({ disabled_at: null })
    await expectEnded(person)
    expect((await logIn(person.user.email, person.user.password)).status).toBe(200)
    expect(eventTypes(issuer, person.user.id)).toEqual(
      expect.arrayContaining(['user.disabled', 'user.enabled']),
    )
  })

  test('a deleted user loses all sessions and tokens and cannot sign in (E4)', async () => {
    const person = await signedIn()
    await run('users.delete', { user: person.user.email })
    await expectEnded(person)
    await expect(run('users.show', { user: person.user.id })).rejects.toMatchObject({ code: 'not_found' })
    expect((await logIn(person.user.email, person.user.password)).status).toBe(401)
  })

  test('an admin lists the sessions of a user and ends one of them, and the audit log records it (E5)', async () => {
    const person = await signedIn()
    const other = issuer.browser()
    const otherTokens = await issuer.tokens(person.client, person.user, {}, other)
    const sessions = (await run('sessions.list', { user: person.user.email })) as unknown as {
      id: string
      families: { sid: string; client_id: string }[]
    }[]
    expect(sessions).toHaveLength(2)
    expect(JSON.stringify(sessions)).not.toMatch(/secret/i)
    const sid = JSON.parse(Buffer.from(person.accessToken.split('.')[1] ?? '', 'base64url').toString()).sid
    const own = sessions.find(({ families }) => families.some((family) => family.sid === sid))
    await run('sessions.revoke', { id: own?.id })
    await expectEnded(person)
    expect((await issuer.bearer('/userinfo', otherTokens.accessToken)).status).toBe(200)
    expect(await run('sessions.list', { user: person.user.id })).toHaveLength(1)
    expect(eventTypes(issuer, person.user.id)).toContain('session.ended')
    await expect(run('sessions.revoke', { id: own?.id })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('sessions.revoke with a sid ends one family (E3)', async () => {
    const person = await signedIn()
    const claims = JSON.parse(Buffer.from(person.accessToken.split('.')[1] ?? '', 'base64url').toString())
    await run('sessions.revoke', { id: claims.sid })
    expect((await issuer.bearer('/userinfo', person.accessToken)).status).toBe(401)
    expect((await issuer.refresh(person.client, person.refreshToken)).json.error).toBe('invalid_grant')
  })

  test('sessions.revoke with a user ends all tokens up to this second and no later ones (E3)', async () => {
    const person = await signedIn()
    await run('sessions.revoke', { user: person.user.email })
    await expectEnded(person)
    issuer.clock.advance(1)
    const later = await issuer.tokens(person.client, person.user)
    expect((await issuer.bearer('/userinfo', later.accessToken)).status).toBe(200)
  })

  test('deleting a client ends its tokens (E3)', async () => {
    const person = await signedIn()
    await run('clients.delete', { id: person.client.id })
    expect((await issuer.bearer('/userinfo', person.accessToken)).status).toBe(401)
    expect((await issuer.refresh(person.client, person.refreshToken)).status).toBe(401)
  })

  test('sessions.revoke and sessions.list reject wrong input with an error code', async () => {
    await expect(run('sessions.revoke', {})).rejects.toMatchObject({ code: 'invalid' })
    await expect(run('sessions.revoke', { id: 'x', user: 'y' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(run('sessions.list', { user: 'nobody@example.com' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('roles and claims', () => {
  /** A user with the role `editor`, and tokens that have it. */
  const withRole = async () => {
    await issuer.stores.roles.create({ name: 'editor', scopes: [] })
    const [user, client] = [await issuer.user({ roles: ['user', 'editor'] }), await issuer.client()]
    const { accessToken: token, refreshToken } = await issuer.tokens(client, user)
    const introspect = async (asked: string) =>
      (await issuer.form('/introspect', { token: asked, ...credentialsOf(client) })).json
    return { user, client, token, refreshToken, introspect }
  }

  test('a changed role and onboarded are in the token of the next refresh (B9)', async () => {
    const [user, client] = [await issuer.user({ onboarded: false }), await issuer.client()]
    const role = `r-${randomToken(4).replaceAll(/[_-]/g, '0')}`
    await run('roles.create', { name: role, scopes: ['a:read a:write'] })
    const { refreshToken } = await issuer.tokens(client, user)
    expect(await run('users.roles', { user: user.email, add: [role] })).toMatchObject({
      roles: ['user', role],
      scopes: ['a:read', 'a:write'],
    })
    await run('users.claims', { user: user.email, onboarded: true })
    const { json } = await issuer.refresh(client, refreshToken)
    const claims = JSON.parse(
      Buffer.from(String(json.access_token).split('.')[1] ?? '', 'base64url').toString(),
    )
    expect(claims).toMatchObject({ roles: ['user', role], onboarded: true })
  })

  test('introspection shows the roles that the user has now, not those in the token (B9)', async () => {
    const { introspect, token, user } = await withRole()
    expect(await introspect(token)).toMatchObject({ roles: ['user', 'editor'], onboarded: true })
    await run('users.roles', { user: user.id, remove: ['editor'] })
    await run('users.claims', { user: user.id, onboarded: false })
    expect(await introspect(token)).toMatchObject({ active: true, roles: ['user'], onboarded: false })
    expect((await issuer.bearer('/userinfo', token)).status).toBe(200)
  })

  test('an admin who removes a role can revoke the tokens that have it, and the user stays signed in (B9)', async () => {
    const { client, token, refreshToken, user } = await withRole()
    await run('users.roles', { user: user.id, remove: ['editor'], revoke_tokens: true })
    expect((await issuer.bearer('/userinfo', token)).status).toBe(401)
    issuer.clock.advance(1)
    const { json } = await issuer.refresh(client, refreshToken)
    expect(claimsOf(String(json.access_token)).roles).toEqual(['user'])
    expect((await issuer.bearer('/userinfo', String(json.access_token))).status).toBe(200)
    // Also if there is nothing to change.
    await run('users.roles', { user: user.id, remove: ['editor'], revoke_tokens: true })
    expect((await issuer.bearer('/userinfo', String(json.access_token))).status).toBe(401)
  })

  test('an admin sets, adds and removes roles, and deleting a role removes it from every user', async () => {
    const user = await issuer.user()
    await run('roles.create', { name: 'one' })
    await run('roles.create', { name: 'two' })
    expect(await run('users.roles', { user: user.id, set: ['one'] })).toMatchObject({ roles: ['one'] })
    const changed = await run('users.roles', { user: user.id, add: ['two'], remove: ['one'] })
    expect(changed).toMatchObject({ roles: ['two'] })
    await run('roles.delete', { name: 'two' })
    expect(await run('users.show', { user: user.id })).toMatchObject({ roles: [] })
    await expect(run('roles.delete', { name: 'two' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(run('roles.delete', { name: 'user' })).rejects.toMatchObject({ code: 'refused' })
    await expect(run('roles.create', { name: 'one' })).rejects.toMatchObject({ code: 'exists' })
    await expect(run('roles.create', { name: 'no way' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(run('roles.create', { name: 'x', scopes: ['a"b'] })).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  test('users.verify-email marks the address as verified, once and in the audit log (I4)', async () => {
    const user = await issuer.user({ emailVerified: false })
    const client = await issuer.client()
    const verified = async () => {
      const { accessToken } = await issuer.tokens(client, user)
      return (await issuer.bearer('/userinfo', accessToken)).json.email_verified
    }
    expect(await verified()).toBe(false)
    issuer.clock.advance(60)
    const { login_methods: _, ...shown } = await run('users.show', { user: user.id })
    const answer = await run('users.verify-email', { user: user.email })
    expect(answer).toEqual({ ...shown, email_verified: true, updated_at: issuer.clock.now().toISOString() })
    expect(await run('users.verify-email', { user: user.id })).toEqual(answer)
    expect(await verified()).toBe(true)
    const rows = await issuer.stores.auditLog.list({ userId: user.id, type: 'email.confirmed', limit: 10 })
    expect(rows).toMatchObject([{ actor: 'admin' }])
    const withoutAddress = await issuer.user({ email: undefined, username: `u${randomToken(6)}` } as never)
    await expect(run('users.verify-email', { user: withoutAddress.id })).rejects.toMatchObject({
      code: 'refused',
    })
  })

  test('a token for an API carries the claims of the API, and reserved claim names are rejected', async () => {
    const audience = 'https://shop.example/api'
    await run('apis.create', { audience, claims: ['premium', 'username'], accessTokenTtlSeconds: 120 })
    const [user, client] = [
      await issuer.user({ username: 'janey' }),
      await issuer.client({ audiences: [audience] }),
    ]
    await run('users.claims', { user: user.email, set: { premium: true, other: 1 } })
    const { accessToken } = await issuer.tokens(client, user, { resource: audience })
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ aud: audience, premium: true, username: 'janey' })
    expect(claims).not.toHaveProperty('other')
    expect(claims.exp - claims.iat).toBe(120)
    for (const name of ['sub', 'roles', 'onboarded', 'email', 'bad name', '__proto__'])
      await expect(
        run('users.claims', { user: user.email, set: JSON.parse(`{"${name}": 1}`) }),
      ).rejects.toMatchObject({ code: 'invalid' })
    await expect(
      run('apis.create', { audience: 'https://x.example', claims: ['iss'] }),
    ).rejects.toMatchObject({
      code: 'invalid',
    })
    const changed = await run('users.claims', { user: user.email, remove: ['premium'] })
    expect(changed).toMatchObject({ claims: { other: 1 } })
  })
})

describe('importing users', () => {
  const password = randomToken(16)
  const hash = hashSync(password, 4)
  const lines = (...records: unknown[]) => records.map((record, index) => ({ line: index + 1, record }))

  test('users.import keeps hashes and claims, and the old id becomes the claim legacy_id', async () => {
    const email = address()
    const record = { id: 42, email, password_hash: hash, claims: { premium: true }, email_verified: true }
    const [report] = (await run('users.import', { lines: lines(record) })) as unknown as object[]
    expect(report).toMatchObject({ line: 1, outcome: 'created' })
    expect(await run('users.show', { user: email })).toMatchObject({
      email_verified: true,
      has_password: true,
      claims: { premium: true, legacy_id: 42 },
    })
    expect((await logIn(email, password)).status).toBe(200)
  })

  test('a second import skips existing users and does not change them', async () => {
    const record = { email: address(), password_hash: hash, name: 'Jane' }
    await run('users.import', { lines: lines(record) })
    const before = await run('users.show', { user: record.email })
    const report = await run('users.import', { lines: lines({ ...record, name: 'Eve' }) })
    expect(report).toMatchObject([{ line: 1, outcome: 'skipped', id: before.id }])
    expect(await run('users.show', { user: record.email })).toEqual(before)
  })

  test.each([
    ['a hash of an unknown format', { password_hash: 'md5$abc' }, /password_hash/],
    ['an unknown role', { roles: ['nobody'] }, /role/],
    ['an invalid address', { email: 'jane' }, /e-mail/],
    ['neither address nor username', { email: null }, /username/],
    ['a name that nobody can see', { name: '\u3164' }, /one of them visible/],
    ['an unknown member', { is_admin: true }, /is_admin/],
  ])('an import with %s in one line writes no line', async (_, fault, reason) => {
    const good = { email: address() }
    const bad = { email: address(), ...fault }
    const report = (await run('users.import', { lines: lines(good, bad) })) as unknown as { reason: string }[]
    expect(report).toMatchObject([{ outcome: 'ok' }, { line: 2, outcome: 'refused' }])
    expect(report[1]?.reason).toMatch(reason)
    await expect(run('users.show', { user: good.email })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('an import with check: true writes nothing', async () => {
    const email = address()
    expect(await run('users.import', { lines: lines({ email }), check: true })).toEqual([
      { line: 1, outcome: 'ok', email },
    ])
    await expect(run('users.show', { user: email })).rejects.toMatchObject({ code: 'not_found' })
  })
})

// What an admin does to people, on a whole issuer in this process: the effect is looked at from outside.
import { hashSync } from '@node-rs/bcrypt'
import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { eventTypes } from '../support/audit-events.ts'
import type { TestIssuer } from '../support/issuer.ts'
import { sharedIssuer } from '../support/shared-issuer.ts'

const issuer = sharedIssuer()

const run = (name: keyof TestIssuer['app']['operations'], input?: object) =>
  issuer.app.operations[name](input) as Promise<Record<string, unknown>>

const address = () => `${randomToken(6).toLowerCase().replaceAll(/[_-]/g, 'x')}@example.com`

const logIn = (email: string, password: string) => issuer.json('/api/token', { email, password })

describe('making an account', () => {
  test('the person can log in with the password, and no answer shows its hash', async () => {
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

  test('shows the ways in, none of them too, and which one is locked at its provider', async () => {
    const { id: userId } = await issuer.user()
    const ways = async () => (await run('users.show', { user: userId })).ways_in
    expect(await ways()).toEqual(['password'])
    const now = issuer.clock.now()
    for (const provider of ['kakao', 'google']) {
      const identity = { provider, subject: randomToken(8), userId, emailVerified: false }
      await issuer.stores.identities.link({ ...identity, linkedAt: now, lastUsedAt: now })
      if (provider === 'kakao') await issuer.stores.identities.lock(provider, identity.subject, now)
    }
    expect(await ways()).toEqual(['password', 'google', 'kakao (locked there)'])
    for (const { provider, subject } of await issuer.stores.identities.listOfUser(userId))
      await issuer.stores.identities.forget(provider, subject)
    await issuer.stores.users.change(userId, { passwordHash: null }, now)
    expect(await ways()).toEqual([])
  })

  test.each([
    ['nothing to call the person by', {}, 'invalid'],
    ['an address that is none', { email: 'jane' }, 'invalid'],
    ['a username with an @', { username: 'jane@home' }, 'invalid'],
    ['a short password', { email: 'a@b.example', password: 'short' }, 'invalid'],
    ['a common password', { email: 'a@b.example', password: 'passwordpassword' }, 'invalid'],
    ['an unknown role', { email: 'a@b.example', roles: ['nobody'] }, 'not_found'],
    ['a member that does not exist', { email: 'a@b.example', admin: true }, 'invalid'],
    ['a member of the wrong type', { email: ['a@b.example'] }, 'invalid'],
  ])('is refused with %s', async (_, input, code) => {
    await expect(run('users.create', input)).rejects.toMatchObject({ code })
  })

  test('a short password is refused with the length that is wanted', async () => {
    await expect(run('users.create', { email: address(), password: 'short' })).rejects.toThrow(
      /15 characters/,
    )
  })

  test('a taken address is refused', async () => {
    const { email } = await issuer.user()
    await expect(run('users.create', { email })).rejects.toMatchObject({ code: 'exists' })
  })

  test('sub is opaque, is no address, is never given again, and no client id can look like one (B7)', async () => {
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

describe('ending what somebody has', () => {
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

  test('a new password ends every session, refresh token and access token, those of the same second too (E4)', async () => {
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

  test('a disabled account loses everything and opens nothing until it is enabled (E4)', async () => {
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

  test('a deleted account loses everything (E4)', async () => {
    const person = await signedIn()
    await run('users.delete', { user: person.user.email })
    await expectEnded(person)
    await expect(run('users.show', { user: person.user.id })).rejects.toMatchObject({ code: 'not_found' })
    expect((await logIn(person.user.email, person.user.password)).status).toBe(401)
  })

  test('an admin lists the sessions of a user and ends one of them, and both are on record (E5)', async () => {
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
    const mine = sessions.find(({ families }) => families.some((family) => family.sid === sid))
    await run('sessions.revoke', { id: mine?.id })
    await expectEnded(person)
    expect((await issuer.bearer('/userinfo', otherTokens.accessToken)).status).toBe(200)
    expect(await run('sessions.list', { user: person.user.id })).toHaveLength(1)
    expect(eventTypes(issuer, person.user.id)).toContain('session.ended')
    await expect(run('sessions.revoke', { id: mine?.id })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a revocation reaches one family by the sid of its tokens (E3)', async () => {
    const person = await signedIn()
    const claims = JSON.parse(Buffer.from(person.accessToken.split('.')[1] ?? '', 'base64url').toString())
    await run('sessions.revoke', { id: claims.sid })
    expect((await issuer.bearer('/userinfo', person.accessToken)).status).toBe(401)
    expect((await issuer.refresh(person.client, person.refreshToken)).json.error).toBe('invalid_grant')
  })

  test('a revocation reaches all of a user up to this second, and nothing after it (E3)', async () => {
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

  test('what is wrong with a revocation is said', async () => {
    await expect(run('sessions.revoke', {})).rejects.toMatchObject({ code: 'invalid' })
    await expect(run('sessions.revoke', { id: 'x', user: 'y' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(run('sessions.list', { user: 'nobody@example.com' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('roles and claims', () => {
  test('a role and onboarded show in the next token, not at the next login (B9)', async () => {
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

  test('roles are set, added and taken; deleting a role takes it from everyone', async () => {
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

  test('an API sees the claims that it asks for, and no name of the issuer can be taken', async () => {
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

describe('importing accounts', () => {
  const password = randomToken(16)
  const hash = hashSync(password, 4)
  const lines = (...records: unknown[]) => records.map((record, index) => ({ line: index + 1, record }))

  test('accounts come with their hashes, roles and claims; the old id becomes a claim and never the sub', async () => {
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

  test('a second run skips who is there, and changes nothing of them', async () => {
    const record = { email: address(), password_hash: hash, name: 'Jane' }
    await run('users.import', { lines: lines(record) })
    const before = await run('users.show', { user: record.email })
    const report = await run('users.import', { lines: lines({ ...record, name: 'Eve' }) })
    expect(report).toMatchObject([{ line: 1, outcome: 'skipped', id: before.id }])
    expect(await run('users.show', { user: record.email })).toEqual(before)
  })

  test.each([
    ['a hash that no login could check', { password_hash: 'md5$abc' }, /password_hash/],
    ['an unknown role', { roles: ['nobody'] }, /role/],
    ['an address that is none', { email: 'jane' }, /e-mail/],
    ['neither address nor username', { email: null }, /username/],
    ['a member that does not exist', { is_admin: true }, /is_admin/],
  ])('one line with %s, and nothing at all is written', async (_, fault, reason) => {
    const good = { email: address() }
    const bad = { email: address(), ...fault }
    const report = (await run('users.import', { lines: lines(good, bad) })) as unknown as { reason: string }[]
    expect(report).toMatchObject([{ outcome: 'ok' }, { line: 2, outcome: 'refused' }])
    expect(report[1]?.reason).toMatch(reason)
    await expect(run('users.show', { user: good.email })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a check writes nothing', async () => {
    const email = address()
    expect(await run('users.import', { lines: lines({ email }), check: true })).toEqual([
      { line: 1, outcome: 'ok' },
    ])
    await expect(run('users.show', { user: email })).rejects.toMatchObject({ code: 'not_found' })
  })
})

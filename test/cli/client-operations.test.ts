// The admin operations on clients: rejected input, secrets that are shown once, and secret rotation.
import { describe, expect, test } from 'vitest'
import type { OperationName } from '../../src/admin/operations.ts'
import { callOperation } from '../support/call-operation.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const run = (name: OperationName, input?: object) =>
  callOperation(issuer.app.operations, name, input) as Promise<Record<string, unknown>>

const web = { redirectUris: ['https://app.example/cb'] }

const authenticates = async (clientId: string, secret: unknown): Promise<boolean> => {
  const fields = { grant_type: 'client_credentials', client_id: clientId, client_secret: String(secret) }
  return (await issuer.form('/token', fields)).status === 200
}

describe('registering a client', () => {
  test('clients.create shows the secret once and stores its hash (B13)', async () => {
    const created = await run('clients.create', { id: 'web', ...web, scopes: ['openid profile', 'email'] })
    expect(created).toEqual({
      client_id: 'web',
      first_party: true,
      client_secret: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    })
    const later = JSON.stringify([await run('clients.show', { id: 'web' }), await run('clients.list')])
    expect(later).not.toContain(String(created.client_secret))
    expect(later).not.toMatch(/secretHash|secret_hash/)
    expect(JSON.stringify(await issuer.stores.clients.find('web'))).not.toContain(
      String(created.client_secret),
    )
    expect(await run('clients.show', { id: 'web' })).toMatchObject({
      scope: 'openid profile email',
      grant_types: ['authorization_code', 'refresh_token'],
      first_party: true,
      public: false,
      pkce_required: true,
      refresh: 'rotate',
    })
  })

  test('a client allows many sessions of a user, or one', async () => {
    await run('clients.create', { id: 'player', ...web, sessions: 'one' })
    const sessionsOf = async (id: string) => (await run('clients.show', { id })).sessions
    expect([await sessionsOf('player'), await sessionsOf('web')]).toEqual(['one', 'many'])
    expect(await run('clients.update', { id: 'player', sessions: 'many' })).toMatchObject({
      sessions: 'many',
    })
    await expect(run('clients.update', { id: 'player', sessions: 'two' })).rejects.toMatchObject({
      code: 'invalid',
      message: '"sessions" must be one or many.',
    })
  })

  test('a client with a redirect URI gets the scopes of a sign-in by default', async () => {
    await run('clients.create', { id: 'signs-in', ...web })
    expect(await run('clients.show', { id: 'signs-in' })).toMatchObject({
      scope: 'openid profile email offline_access',
    })
    await run('clients.create', { id: 'batch', grants: ['client_credentials'] })
    expect(await run('clients.show', { id: 'batch' })).toMatchObject({ scope: 'openid' })
  })

  test('a scope that no API has and no role grants is rejected, at a new client and at a changed one', async () => {
    const typo = { scopes: ['openid profil orders:raed'] }
    const refusal = { code: 'not_found', message: expect.stringContaining('"profil", "orders:raed"') }
    await expect(run('clients.create', { id: 'typo', ...web, ...typo })).rejects.toMatchObject(refusal)
    await expect(run('clients.show', { id: 'typo' })).rejects.toMatchObject({ code: 'not_found' })
    await run('clients.create', { id: 'orders', ...web })
    await expect(run('clients.update', { id: 'orders', ...typo })).rejects.toMatchObject(refusal)

    await run('apis.create', { audience: 'https://orders.example', scopes: ['orders:read'] })
    await run('roles.create', { name: 'cook', scopes: ['kitchen:open'] })
    await run('clients.update', { id: 'orders', scopes: ['openid orders:read kitchen:open'] })
    expect(await run('clients.show', { id: 'orders' })).toMatchObject({
      scope: 'openid orders:read kitchen:open',
    })
  })

  test('a public client has no secret and cannot rotate one', async () => {
    expect(await run('clients.create', { id: 'spa', public: true, ...web })).toEqual({
      client_id: 'spa',
      first_party: true,
    })
    await expect(run('clients.rotate-secret', { id: 'spa' })).rejects.toMatchObject({ code: 'refused' })
  })

  test.each([
    ['no redirect URI', {}],
    ['plain http', { redirectUris: ['http://app.example/cb'] }],
    ['a wildcard', { redirectUris: ['https://*.app.example/cb'] }],
    ['a fragment', { redirectUris: ['https://app.example/cb#x'] }],
    ['a logout URI of javascript', { ...web, postLogoutRedirectUris: ['javascript:alert(1)'] }],
    ['an origin with a path', { ...web, origins: ['https://app.example/'] }],
    ['the null origin', { ...web, origins: ['null'] }],
    ['a scope with a quotation mark', { ...web, scopes: ['a"b'] }],
    ['an unknown grant', { ...web, grants: ['password'] }],
    ['no grant', { ...web, grants: [] }],
    ['an id with a space', { ...web, id: 'my app' }],
    ['a public client without PKCE', { ...web, public: true, pkce: false }],
    ['a public client with client_credentials', { public: true, grants: ['client_credentials'] }],
    [
      'a public third-party client that reuses refresh tokens',
      { ...web, public: true, thirdParty: true, refresh: 'reuse' },
    ],
    ['a grace without rotation', { ...web, refresh: 'reuse', refreshGraceSeconds: 5 }],
    ['a grace of one hour', { ...web, refreshGraceSeconds: 3600 }],
    ['an unknown refresh policy', { ...web, refresh: 'sometimes' }],
  ])('clients.create rejects invalid input: %s', async (_, input) => {
    await expect(run('clients.create', input)).rejects.toMatchObject({ code: 'invalid' })
  })

  test('clients.create rejects an unknown audience and a taken id', async () => {
    const unknown = { ...web, audiences: ['https://typo.example'] }
    await expect(run('clients.create', unknown)).rejects.toMatchObject({ code: 'not_found' })
    await run('clients.create', { id: 'twice', ...web })
    await expect(run('clients.create', { id: 'twice', ...web })).rejects.toMatchObject({ code: 'exists' })
    const { client_id } = await run('clients.create', {
      ...web,
      defaultAudience: issuer.config.defaultAudience,
    })
    expect(client_id).toMatch(/^app-/)
  })
})

describe('changing a client', () => {
  test('clients.update replaces a list and validates the whole record', async () => {
    await run('clients.create', { id: 'changing', ...web, origins: ['https://app.example'] })
    const redirectUris = ['https://new.example/cb']
    const changed = await run('clients.update', {
      id: 'changing',
      redirectUris,
      thirdParty: true,
      clear: ['origin'],
    })
    expect(changed).toMatchObject({ redirect_uris: redirectUris, first_party: false, origins: [] })
    const input = { id: 'changing', clear: ['redirect-uri'] }
    await expect(run('clients.update', input)).rejects.toMatchObject({ code: 'invalid' })
    const stranger = { id: 'changing', clear: ['id'] }
    await expect(run('clients.update', stranger)).rejects.toMatchObject({ code: 'invalid' })
    await expect(run('clients.update', { id: 'nobody' })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a rotated secret works at once, and the old one until the given time', async () => {
    const input = { id: 'machine', grants: ['client_credentials'], scopes: [] }
    const first = (await run('clients.create', input)).client_secret
    const second = (await run('clients.rotate-secret', { id: 'machine', keepOldForSeconds: 60 }))
      .client_secret
    expect(await authenticates('machine', first)).toBe(true)
    expect(await authenticates('machine', second)).toBe(true)
    issuer.clock.advance(60)
    expect(await authenticates('machine', first)).toBe(false)
    const third = (await run('clients.rotate-secret', { id: 'machine' })).client_secret
    expect(await authenticates('machine', second)).toBe(false)
    expect(await authenticates('machine', third)).toBe(true)
  })
})

test('the log contains no client secret (H9)', async () => {
  const created = await run('clients.create', { ...web, id: 'logged' })
  const rotated = await run('clients.rotate-secret', { id: 'logged' })
  const log = issuer.logLines.join('')
  expect(log).toContain('client.created')
  for (const { client_secret } of [created, rotated]) expect(log).not.toContain(String(client_secret))
})

test('audit.list filters events by type and by user', async () => {
  const { id, email } = await issuer.user()
  await run('users.disable', { user: email })
  const events = await run('audit.list', { user: email, type: 'user.disabled' })
  expect(events).toMatchObject([{ type: 'user.disabled', actor: 'admin', user: id }])
  await run('users.delete', { user: email })
  expect(await run('audit.list', { user: id, limit: 1 })).toMatchObject([{ type: 'user.deleted' }])
  await expect(run('audit.list', { type: 'nonsense' })).rejects.toMatchObject({ code: 'invalid' })
})

test('no public route serves an admin operation (H12)', async () => {
  const { accessToken } = await issuer.tokens(await issuer.client(), await issuer.user())
  const paths = [
    '/operations/users.list',
    '/admin/operations/users.list',
    '/admin',
    '/api/operations/users.list',
  ]
  for (const path of paths)
    for (const headers of [{}, { authorization: `Bearer ${accessToken}` }])
      expect((await issuer.json(path, {}, headers)).status).toBe(404)
})

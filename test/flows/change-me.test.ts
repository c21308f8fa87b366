// PATCH /api/users/me: an app of the team changes the name, the language or the onboarding of its user.
import { describe, expect, test } from 'vitest'
import { auditEvents } from '../support/audit-events.ts'
import { claimsOf } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const signIn = async (facts = {}) => {
  const user = await issuer.user({ name: 'Jane', locale: 'en', onboarded: false, ...facts })
  const { json } = await issuer.json('/api/token', { email: user.email, password: user.password })
  return { ...user, access: String(json.access), refresh: String(json.refresh) }
}

const patch = (token: string | undefined, body: unknown, path = '/api/users/me') =>
  issuer.send(path, {
    method: 'PATCH',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
  })

const me = async (token: string) => (await issuer.bearer('/api/users/me', token)).json

describe('a change', () => {
  test('of name, locale and onboarded is in the answer, in the next read and in the next token', async () => {
    const { id, access, refresh } = await signIn()
    const { status, headers, json } = await patch(access, {
      name: '김도장',
      locale: 'KO-kr',
      onboarded: true,
    })
    const changed = { id, name: '김도장', locale: 'ko-KR', onboarded: true }
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(json).toMatchObject(changed)
    expect(await me(access)).toEqual(json)
    expect(claimsOf(access).onboarded).toBe(false)
    const next = await issuer.json('/api/token/refresh', { refresh })
    expect(claimsOf(String(next.json.access)).onboarded).toBe(true)
    expect((await issuer.bearer('/userinfo', String(next.json.access))).json).toMatchObject({
      name: '김도장',
      locale: 'ko-KR',
    })
  })

  test('leaves every member that the request does not name', async () => {
    const { email, access } = await signIn()
    expect((await patch(access, { onboarded: true }, '/api/users/me/')).json).toMatchObject({
      email,
      name: 'Jane',
      locale: 'en',
      onboarded: true,
    })
    expect((await patch(access, { name: null, locale: null })).json).toMatchObject({
      name: null,
      locale: null,
      onboarded: true,
    })
  })

  test('stores a name in the form of the account page: composed, without spaces around it', async () => {
    const { access } = await signIn()
    const { json } = await patch(access, { name: '  김도장 '.normalize('NFD') })
    expect(json.name).toBe('김도장')
  })

  test('is an audit event with the names of the members, and without their values (I4)', async () => {
    const { id, access } = await signIn()
    await patch(access, { name: '김도장', locale: 'en' })
    await patch(access, { name: '김도장' })
    await patch(access, {})
    const events = auditEvents(issuer, id).filter(({ type }) => type === 'user.changed')
    expect(events).toEqual([
      expect.objectContaining({
        actor: 'user',
        clientId: 'first-party',
        familyId: claimsOf(access).sid,
        reason: 'name',
      }),
    ])
    expect(JSON.stringify(events)).not.toContain('김도장')
  })

  test('needs PATCH in the answer to a preflight request of a registered origin (H1)', async () => {
    const origin = 'https://spa.example'
    await issuer.client({ origins: [origin] })
    const { headers } = await issuer.send('/api/users/me', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PATCH' },
    })
    expect(headers.get('access-control-allow-methods')).toBe('GET, PATCH')
    expect(headers.get('access-control-allow-origin')).toBe(origin)
  })
})

describe('what is refused', () => {
  test.each([
    [{ name: 1 }, 'name_invalid'],
    [{ name: ' ' }, 'name_invalid'],
    [{ name: '' }, 'name_invalid'],
    [{ name: '\u200b\u2060' }, 'name_invalid'],
    [{ name: '\uffa0' }, 'name_invalid'],
    [{ name: 'x'.repeat(101) }, 'name_invalid'],
    [{ name: 'Jane\u202egnp' }, 'name_invalid'],
    [{ locale: 'not a tag' }, 'locale_invalid'],
    [{ locale: ['ko'] }, 'locale_invalid'],
    [{ onboarded: 'yes' }, 'onboarded_invalid'],
    [{ onboarded: null }, 'onboarded_invalid'],
  ])('%j gets 422 and changes nothing', async (body, code) => {
    const { access } = await signIn()
    const before = await me(access)
    const { status, json } = await patch(access, { ...body })
    expect([status, json.code]).toEqual([422, code])
    expect((await patch(access, { locale: 'ko', onboarded: true, ...body })).status).toBe(422)
    expect(await me(access)).toEqual(before)
  })

  test.each(['email', 'email_verified', 'roles', 'scopes', 'claims', 'username', 'id', 'constructor'])(
    'the member %s gets 400, also beside an allowed one, and changes nothing (H6)',
    async (name) => {
      const { access } = await signIn()
      const before = await me(access)
      const { status, json } = await patch(access, { name: 'Mallory', [name]: 'admin' })
      expect([status, json.code]).toEqual([400, 'invalid_request'])
      expect(await me(access)).toEqual(before)
    },
  )

  test.each(['', '[]', '"x"', 'null', '{"name":', '{"__proto__":{"onboarded":true}}'])(
    'the body %s gets 400 (H7)',
    async (body) => {
      const { access } = await signIn()
      expect((await patch(access, body)).status).toBe(400)
    },
  )

  test('a form gets 415 (H5)', async () => {
    const { access } = await signIn()
    const headers = {
      authorization: `Bearer ${access}`,
      'content-type': 'application/x-www-form-urlencoded',
    }
    const answer = await issuer.send('/api/users/me', { method: 'PATCH', body: 'onboarded=true', headers })
    expect([answer.status, (await me(access)).onboarded]).toEqual([415, false])
  })
})

describe('who may change it', () => {
  test('a first-party client whose token has the scope profile (B3)', async () => {
    const user = await issuer.user()
    const client = await issuer.client()
    const { accessToken } = await issuer.tokens(client, user)
    expect((await patch(accessToken, { name: 'New' })).status).toBe(200)
    const narrow = await issuer.tokens(client, user, { scope: 'openid email' })
    const { status, headers, json } = await patch(narrow.accessToken, { onboarded: true })
    expect([status, json.code]).toEqual([403, 'insufficient_scope'])
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="profile"')
  })

  test('neither a third-party client, nor a token for another API, nor a client for itself (B3)', async () => {
    const user = await issuer.user()
    const partner = 'https://partner.example/api'
    const other = await issuer.client({ audiences: [partner] })
    const forPartner = (await issuer.tokens(other, user, { resource: partner })).accessToken
    const machine = await issuer.client({ grants: ['client_credentials'] })
    const own = await issuer.form('/token', {
      grant_type: 'client_credentials',
      client_id: machine.id,
      client_secret: String(machine.secret),
    })
    for (const token of [undefined, 'x', forPartner, String(own.json.access_token)])
      expect((await patch(token, { name: 'New' })).status).toBe(401)

    const { access } = await signIn()
    const { client_id: clientId } = claimsOf(access)
    await issuer.stores.clients.change(String(clientId), { firstParty: false })
    try {
      expect((await patch(access, { name: 'New' })).json.code).toBe('first_party_only')
      expect((await issuer.stores.users.find(String(claimsOf(access).sub)))?.name).toBe('Jane')
    } finally {
      await issuer.stores.clients.change(String(clientId), { firstParty: true })
    }
  })

  test('nobody with a token that was revoked (E2)', async () => {
    const { id, access } = await signIn()
    await issuer.bearer('/api/logout', access, 'POST')
    expect((await patch(access, { name: 'New' })).status).toBe(401)
    expect((await issuer.stores.users.find(id))?.name).toBe('Jane')
  })
})

import { describe, expect, test } from 'vitest'
import type { Browser } from '../../harness/browser.ts'
import { heardWithinSeconds } from '../../src/changes.ts'
import { verifierLeewaySeconds } from '../../src/lifetimes.ts'
import { randomToken } from '../../src/secrets.ts'
import { newFamilyId } from '../../src/sessions/family.ts'
import { maxFamiliesPerClient, maxSessionsPerUser } from '../../src/sessions/session.ts'
import { auditEvents, eventTypes } from '../support/audit-events.ts'
import { faultyStores } from '../support/faulty-stores.ts'
import { claimsOf, headerOf, type TestClient, type TestUser, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const signIn = async (client: TestClient, user: TestUser) => {
  const agent = issuer.browser()
  const tokens = await issuer.tokens(client, user, {}, agent)
  const sid = String(claimsOf(tokens.accessToken).sid)
  const sessionId = (await issuer.stores.refreshTokens.find(sid))?.sessionId ?? ''
  return { ...tokens, client, user, agent, sid, sessionId }
}

const signedIn = async () => signIn(await issuer.client(), await issuer.user())

const introspect = (client: TestClient, token: string, on = issuer) =>
  on.form('/introspect', { token, client_id: client.id, client_secret: client.secret ?? '' })

const isActive = async (client: TestClient, token: string) => {
  const { status, json } = await introspect(client, token)
  expect(status).toBe(200)
  // The answer for an inactive token has no other member (RFC 7662 §2.2).
  if (json.active !== true) expect(json).toEqual({ active: false })
  return json.active
}

const revoke = (client: TestClient, token: string) =>
  issuer.form('/revoke', { token, client_id: client.id, client_secret: client.secret ?? '' })

const isSignedIn = async (agent: Browser) => (await agent.get('/account')).status === 200

describe('the blacklist', () => {
  test('a revoked access token stays on the blacklist until it has expired for every verifier (E1)', async () => {
    const { client, accessToken } = await signedIn()
    await revoke(client, accessToken)
    const { jti, exp } = claimsOf(accessToken)
    const name = [{ kind: 'jti' as const, value: String(jti) }]
    const expiry = new Date(Number(exp) * 1000)
    const [entry] = await issuer.stores.blacklist.find(name, expiry)
    expect(entry?.expiresAt.getTime()).toBe(expiry.getTime() + verifierLeewaySeconds * 1000)

    const last = new Date(expiry.getTime() + verifierLeewaySeconds * 1000 - 1)
    expect(await issuer.stores.blacklist.find(name, last)).toHaveLength(1)
    expect(await issuer.stores.blacklist.find(name, new Date(last.getTime() + 1))).toHaveLength(0)
  })

  test('a revoked family, user or client stays on the blacklist until its last access token has expired (E1)', async () => {
    const { client, user, sid, accessToken } = await signedIn()
    await issuer.app.operations['sessions.revoke']({ id: sid })
    await issuer.app.operations['sessions.revoke']({ user: user.id })
    await issuer.app.operations['clients.delete']({ id: client.id })
    const lastMoment = new Date((Number(claimsOf(accessToken).exp) + verifierLeewaySeconds) * 1000 - 1)
    const entries = await issuer.stores.blacklist.list(lastMoment)
    const values = entries.map(({ kind, value }) => `${kind} ${value}`)
    expect(values).toEqual(expect.arrayContaining([`sid ${sid}`, `sub ${user.id}`, `client_id ${client.id}`]))
  })
})

describe('revoking by token, session, user and client', () => {
  test('revoking one access token keeps the other tokens of its family valid (E3)', async () => {
    const { client, accessToken, refreshToken } = await signedIn()
    const { json } = await issuer.refresh(client, refreshToken)
    expect((await revoke(client, accessToken)).status).toBe(200)
    expect(await isActive(client, accessToken)).toBe(false)
    expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
    expect((await issuer.bearer('/api/users/me', accessToken)).status).toBe(401)
    expect(await isActive(client, String(json.access_token))).toBe(true)
    expect((await issuer.refresh(client, String(json.refresh_token))).status).toBe(200)
  })

  test('revoking a sid ends one client’s tokens and keeps those of another client in the session (E3)', async () => {
    const [first, second, user] = [await issuer.client(), await issuer.client(), await issuer.user()]
    const one = await signIn(first, user)
    const other = await issuer.tokens(second, user, {}, one.agent)
    await issuer.app.operations['sessions.revoke']({ id: one.sid })
    expect(await isActive(first, one.accessToken)).toBe(false)
    expect((await issuer.refresh(first, one.refreshToken)).json.error).toBe('invalid_grant')
    expect(await isActive(second, other.accessToken)).toBe(true)
    expect(eventTypes(issuer, one.sid)).toContain('token.revoked')
  })

  test('revoking a session id ends the session and the tokens of all its clients (E3)', async () => {
    const [first, second, user] = [await issuer.client(), await issuer.client(), await issuer.user()]
    const one = await signIn(first, user)
    const other = await issuer.tokens(second, user, {}, one.agent)
    const elsewhere = await signIn(first, user)
    await issuer.app.operations['sessions.revoke']({ id: one.sessionId })
    expect(await isActive(first, one.accessToken)).toBe(false)
    expect(await isActive(second, other.accessToken)).toBe(false)
    expect(await isSignedIn(one.agent)).toBe(false)
    expect(await isActive(first, elsewhere.accessToken)).toBe(true)
  })

  test('revoking a user ends all their sessions and tokens, even tokens issued in the same second (E3)', async () => {
    const { client, user, accessToken, refreshToken, agent } = await signedIn()
    const neighbour = await signIn(client, await issuer.user())
    await issuer.app.operations['sessions.revoke']({ user: user.id })
    expect(claimsOf(accessToken).iat).toBe(Math.floor(issuer.clock.now().getTime() / 1000))
    expect(await isActive(client, accessToken)).toBe(false)
    expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
    expect(await isSignedIn(agent)).toBe(false)
    expect(await isActive(client, neighbour.accessToken)).toBe(true)

    issuer.clock.advance(1)
    const later = await signIn(client, user)
    expect(await isActive(client, later.accessToken)).toBe(true)
    expect((await issuer.refresh(client, later.refreshToken)).status).toBe(200)
  })

  test('deleting a client ends all its tokens, and a new client with the same id does not inherit them (E3)', async () => {
    const service = await issuer.client({ introspects: [issuer.config.defaultAudience] })
    const { client, user, accessToken, refreshToken } = await signedIn()
    const machine = await issuer.client({ grants: ['client_credentials'], scopes: [] })
    const credentials = { client_id: machine.id, client_secret: machine.secret ?? '' }
    const { json } = await issuer.form('/token', { grant_type: 'client_credentials', ...credentials })
    const machineToken = String(json.access_token)
    expect(await isActive(service, machineToken)).toBe(true)

    for (const { id } of [client, machine]) await issuer.app.operations['clients.delete']({ id })
    expect(await isActive(service, accessToken)).toBe(false)
    expect(await isActive(service, machineToken)).toBe(false)
    expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
    expect((await issuer.bearer('/api/users/me', accessToken)).status).toBe(401)

    const again = issuer.app.operations['clients.create']({
      id: client.id,
      redirectUris: [...client.redirectUris],
    })
    await expect(again).rejects.toThrow('was deleted a moment ago')
    issuer.clock.advance(heardWithinSeconds + 1)
    const { secret, ...record } = client
    await issuer.stores.clients.create({ ...record, createdAt: issuer.clock.now() })
    expect(await isActive(service, accessToken)).toBe(false)
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
    expect(await isActive(service, (await signIn(client, user)).accessToken)).toBe(true)
  })

  test('revoking a family is one write to its record (C13)', async () => {
    const faulty = faultyStores(memoryStores())
    const own = await testIssuer({ stores: faulty.stores })
    const [client, user] = [await own.client(), await own.user()]
    let { refreshToken } = await own.tokens(client, user)
    for (let time = 0; time < 5; time += 1)
      refreshToken = String((await own.refresh(client, refreshToken)).json.refresh_token)
    faulty.repair()
    const fields = { token: refreshToken, client_id: client.id, client_secret: client.secret ?? '' }
    await own.form('/revoke', fields)
    expect(faulty.calls).toEqual([
      'refreshTokens.find',
      'refreshTokens.revoke',
      'blacklist.add',
      'sessions.leave',
    ])
    await own.close()
  })
})

describe('a password change or the end of an account', () => {
  const change = (agent: Browser, current: string, password: string, endOthers: boolean) =>
    agent.submit('/account/password', { current, password, ...(endOthers && { end_others: 'yes' }) })

  test('a password change offers to end the other sessions, and ends them (E4)', async () => {
    const own = await signedIn()
    const { client, user, agent } = own
    const other = await signIn(client, user)
    const api = await issuer.json('/api/token', { email: user.email, password: user.password })
    expect((await agent.get('/account')).body).toMatch(/name="end_others" type="checkbox"[^>]*checked/)

    const cookieBefore = agent.cookies.get('__Host-dojang_session')
    const page = await change(agent, user.password, randomToken(16), true)
    expect(page.location?.searchParams.get('done')).toBe('password_changed')
    expect(await isActive(client, other.accessToken)).toBe(false)
    expect((await issuer.refresh(client, other.refreshToken)).json.error).toBe('invalid_grant')
    expect(await isSignedIn(other.agent)).toBe(false)
    expect((await issuer.json('/api/token/refresh', { refresh: api.json.refresh })).status).toBe(401)
    expect((await issuer.bearer('/api/users/me', String(api.json.access))).status).toBe(401)

    expect(await isSignedIn(agent)).toBe(true)
    expect(await isActive(client, own.refreshToken)).toBe(true)
    expect((await issuer.refresh(client, own.refreshToken)).status).toBe(200)
    // The old cookie is invalid, so that an attacker who copied it from this browser loses access.
    const attacker = issuer.browser()
    attacker.cookies.set('__Host-dojang_session', cookieBefore ?? '')
    expect(await isSignedIn(attacker)).toBe(false)
    expect(eventTypes(issuer, user.id)).toContain('user.password_changed')
  })

  test('a password change keeps the other sessions if the user declines the offer (E4)', async () => {
    const { client, user, agent } = await signedIn()
    const other = await signIn(client, user)
    await change(agent, user.password, randomToken(16), false)
    expect(await isActive(client, other.accessToken)).toBe(true)
    expect(await isSignedIn(other.agent)).toBe(true)
  })

  test('a wrong current password changes nothing and ends no session (E4)', async () => {
    const { client, user, agent } = await signedIn()
    const other = await signIn(client, user)
    expect((await change(agent, 'not this one', randomToken(16), true)).status).toBe(401)
    expect(await isActive(client, other.accessToken)).toBe(true)
    expect((await issuer.json('/api/token', { email: user.email, password: user.password })).status).toBe(200)
  })

  const endings = {
    'set a password': (user: string) =>
      issuer.app.operations['users.set-password']({ user, password: randomToken(16) }),
    'disabled the user': (user: string) => issuer.app.operations['users.disable']({ user }),
    'deleted the user': (user: string) => issuer.app.operations['users.delete']({ user }),
  }
  for (const [name, end] of Object.entries(endings))
    test(`every session, family and token ends after an admin has ${name} (E4)`, async () => {
      const one = await signedIn()
      const { client, user } = one
      const other = await signIn(client, user)
      await end(user.id)
      for (const { accessToken, refreshToken, agent } of [one, other]) {
        expect(await isActive(client, accessToken)).toBe(false)
        expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
        expect((await issuer.bearer('/api/users/me', accessToken)).status).toBe(401)
        expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
        expect(await isSignedIn(agent)).toBe(false)
      }
      expect(await issuer.stores.sessions.listOfUser(user.id)).toEqual([])
      const again = await issuer.json('/api/token', { email: user.email, password: user.password })
      expect(again.status).toBe(401)
    })

  test('rejects a code from before the account was disabled, even after it is enabled again (E4)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { code, verifier } = await issuer.code(client, user)
    await issuer.app.operations['users.disable']({ user: user.id })
    expect((await issuer.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
    await issuer.app.operations['users.enable']({ user: user.id })
    expect((await issuer.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
  })
})

describe('listing and ending sessions', () => {
  test('the account page lists only the user’s own sessions and can end one of them (E5)', async () => {
    const own = await signedIn()
    const { client, user, agent } = own
    const other = await signIn(client, user)
    const foreign = await signedIn()
    const page = await agent.get('/account')
    expect(page.body).toContain(`value="${other.sessionId}"`)
    expect(page.body).not.toContain(foreign.sessionId)

    await agent.submit('/account/sessions/end', { session: other.sessionId })
    expect(await isActive(client, other.accessToken)).toBe(false)
    expect(await isSignedIn(other.agent)).toBe(false)
    expect(await isActive(client, own.accessToken)).toBe(true)
    expect(eventTypes(issuer, other.sessionId)).toContain('session.ended')
  })

  test('a user cannot end a session of another user (E5)', async () => {
    const [own, foreign] = [await signedIn(), await signedIn()]
    await own.agent.submit('/account/sessions/end', { session: foreign.sessionId })
    expect(await isActive(foreign.client, foreign.accessToken)).toBe(true)
    expect(await isSignedIn(foreign.agent)).toBe(true)
  })

  test('the account page ends all sessions except the current one (E5)', async () => {
    const own = await signedIn()
    const others = [await signIn(own.client, own.user), await signIn(own.client, own.user)]
    await own.agent.submit('/account/sessions/end-others', { all: 'yes' })
    for (const other of others) expect(await isActive(own.client, other.accessToken)).toBe(false)
    expect(await isActive(own.client, own.accessToken)).toBe(true)
    expect(await isSignedIn(own.agent)).toBe(true)
  })

  test('the account page lists a consent and withdraws it, which ends the client’s tokens (E5)', async () => {
    const [client, user] = [await issuer.client({ firstParty: false, name: 'Grape' }), await issuer.user()]
    await issuer.stores.consents.grant({
      userId: user.id,
      clientId: client.id,
      scopes: client.scopes,
      grantedAt: issuer.clock.now(),
    })
    const { agent, accessToken, refreshToken } = await signIn(client, user)
    expect((await agent.get('/account')).body).toContain('Grape')
    await agent.submit('/account/grants/withdraw', { client: client.id })
    expect(await isActive(client, accessToken)).toBe(false)
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
    expect(await isSignedIn(agent)).toBe(true)
    expect(eventTypes(issuer, user.id)).toContain('consent.withdrawn')
  })

  test('an admin can list and end sessions, and the audit log names the admin as the actor (E5)', async () => {
    const { user, sessionId, sid, client } = await signedIn()
    const list = await issuer.app.operations['sessions.list']({ user: user.email })
    expect(list).toMatchObject([{ id: sessionId, families: [{ sid, client_id: client.id }] }])
    await issuer.app.operations['sessions.revoke']({ id: sessionId })
    expect(await issuer.app.operations['sessions.list']({ user: user.email })).toEqual([])
    expect(auditEvents(issuer, sessionId)).toContainEqual(
      expect.objectContaining({ type: 'session.ended', actor: 'admin', userId: user.id }),
    )
    const rows = await issuer.app.operations['audit.list']({ user: user.id, type: 'session.ended' })
    expect(rows).toHaveLength(1)
  })

  test(`one sign-in above ${maxSessionsPerUser} sessions ends the oldest session and its tokens (E5)`, async () => {
    const { email, password, id } = await issuer.user()
    const signInOnce = async () => (await issuer.json('/api/token', { email, password })).json
    const first = await signInOnce()
    for (let count = 1; count < maxSessionsPerUser; count += 1) {
      issuer.clock.advance(1)
      await signInOnce()
    }
    expect((await issuer.bearer('/api/users/me', String(first.access))).status).toBe(200)
    await signInOnce()
    expect(await issuer.stores.sessions.listOfUser(id)).toHaveLength(maxSessionsPerUser)
    expect((await issuer.bearer('/api/users/me', String(first.access))).status).toBe(401)
    expect((await issuer.json('/api/token/refresh', { refresh: first.refresh })).status).toBe(401)
  })

  test('a client that gets a code again and again ends its own oldest family, and none of another client (E5)', async () => {
    const own = await signedIn()
    const { user, agent, sessionId } = own
    const greedy = await issuer.client()
    const first = await issuer.tokens(greedy, user, {}, agent)
    const second = await issuer.tokens(greedy, user, {}, agent)
    for (let count = 2; count < maxFamiliesPerClient; count += 1)
      await issuer.stores.sessions.join(sessionId, { familyId: newFamilyId(), clientId: greedy.id }, 100)
    const last = await issuer.tokens(greedy, user, {}, agent)
    expect(await isActive(greedy, first.accessToken)).toBe(false)
    expect((await issuer.refresh(greedy, first.refreshToken)).json.error).toBe('invalid_grant')
    for (const { accessToken, refreshToken } of [second, last]) {
      expect(await isActive(greedy, accessToken)).toBe(true)
      expect((await issuer.refresh(greedy, refreshToken)).status).toBe(200)
    }
    expect(await isActive(own.client, own.accessToken)).toBe(true)
    expect((await issuer.refresh(own.client, own.refreshToken)).status).toBe(200)
  })

  test('a family that a client revokes makes room in its session (E5)', async () => {
    const { client, refreshToken, sid, sessionId } = await signedIn()
    const listed = async () => (await issuer.stores.sessions.find(sessionId))?.families
    expect(await listed()).toEqual([{ familyId: sid, clientId: client.id }])
    await revoke(client, refreshToken)
    expect(await listed()).toEqual([])
  })
})

describe('introspection', () => {
  test('introspection answers inactive once the key, the family, the user or the client is revoked (E6)', async () => {
    const service = await issuer.client({ introspects: [issuer.config.defaultAudience] })
    const revocations = {
      family: async ({ sid }: { sid: string }) => issuer.app.operations['sessions.revoke']({ id: sid }),
      user: async ({ user }: { user: TestUser }) =>
        issuer.app.operations['sessions.revoke']({ user: user.id }),
      'disabled user': async ({ user }: { user: TestUser }) =>
        issuer.stores.users.change(user.id, { disabledAt: issuer.clock.now() }, issuer.clock.now()),
      'deleted user': async ({ user }: { user: TestUser }) =>
        issuer.stores.users.delete(user.id, issuer.clock.now()),
      'deleted client': async ({ client }: { client: TestClient }) => issuer.stores.clients.delete(client.id),
      key: async ({ accessToken }: { accessToken: string }) =>
        issuer.app.operations['keys.revoke']({ kid: String(headerOf(accessToken).kid) }),
    }
    for (const [name, revokeIt] of Object.entries(revocations)) {
      const one = await signedIn()
      expect(await isActive(service, one.accessToken), name).toBe(true)
      await revokeIt(one)
      expect(await isActive(service, one.accessToken), name).toBe(false)
    }
    expect(await isActive(service, (await signedIn()).accessToken)).toBe(true)
  })

  test('introspection answers 503 without `active` while the store is down (E6)', async () => {
    const faulty = faultyStores(memoryStores())
    const own = await testIssuer({ stores: faulty.stores })
    const [client, user] = [await own.client(), await own.user()]
    const { accessToken, refreshToken } = await own.tokens(client, user)
    const calls = { [accessToken]: 'blacklist.find', [refreshToken]: 'refreshTokens.find' }
    for (const [token, needed] of Object.entries(calls)) {
      faulty.repair()
      expect((await introspect(client, token, own)).json.active).toBe(true)
      faulty.failCall(faulty.calls.indexOf(needed) + 1, 'not done')
      const answer = await introspect(client, token, own)
      expect(faulty.repair()).toBe(needed)
      expect([answer.status, answer.json.error]).toEqual([503, 'temporarily_unavailable'])
      expect(answer.json).not.toHaveProperty('active')
    }
    await own.close()
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { eventTypes } from '../support/audit-events.ts'
import {
  type Answer,
  claimsOf,
  type TestClient,
  type TestIssuer,
  type Tokens,
  testIssuer,
} from '../support/issuer.ts'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await testIssuer()
})
afterAll(() => issuer.close())

const day = 86_400

const signedIn = async (facts: Parameters<TestIssuer['client']>[0] = {}) => {
  const [client, user] = [await issuer.client(facts), await issuer.user()]
  const tokens = await issuer.tokens(client, user)
  return { client, user, tokens, familyId: String(claimsOf(tokens.accessToken).sid) }
}

const nextToken = (answer: Answer): string => {
  expect(answer.status, answer.body).toBe(200)
  return String(answer.json.refresh_token)
}

const expectRefused = (answer: Answer) => {
  expect(answer.status).toBe(400)
  expect(answer.json).toEqual({
    error: 'invalid_grant',
    error_description: 'The grant is invalid, expired, revoked or already used.',
  })
}

const userinfoStatus = async (accessToken: string) => (await issuer.bearer('/userinfo', accessToken)).status

describe('a used refresh token comes back', () => {
  test('outside the grace it kills the family and its live access tokens, and is a security event (C2)', async () => {
    const { client, tokens, familyId } = await signedIn()
    const refreshed = await issuer.refresh(client, tokens.refreshToken)
    const second = nextToken(refreshed)
    issuer.clock.advance(21)
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
    expectRefused(await issuer.refresh(client, second))
    for (const access of [tokens.accessToken, String(refreshed.json.access_token)])
      expect(await userinfoStatus(access)).toBe(401)
    expect(eventTypes(issuer, familyId)).toContain('token.reused')
  })

  test('the answer is the same as for a token that never was (C2)', async () => {
    const { client, tokens } = await signedIn()
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    issuer.clock.advance(21)
    const reused = await issuer.refresh(client, tokens.refreshToken)
    const unknown = await issuer.refresh(client, 'drt_never-was')
    expect(reused.body).toBe(unknown.body)
    expect(reused.status).toBe(unknown.status)
    expect(reused.headers.get('cache-control')).toBe('no-store')
  })

  test('one family dies; another client of the same sign-in stays signed in (C2)', async () => {
    const [one, other, user] = [await issuer.client(), await issuer.client(), await issuer.user()]
    const agent = issuer.browser()
    const mine = await issuer.tokens(one, user, {}, agent)
    const theirs = await issuer.tokens(other, user, {}, agent)
    nextToken(await issuer.refresh(one, mine.refreshToken))
    issuer.clock.advance(21)
    expectRefused(await issuer.refresh(one, mine.refreshToken))
    nextToken(await issuer.refresh(other, theirs.refreshToken))
  })

  test('at the first-party API too (C2)', async () => {
    const user = await issuer.user()
    const { json } = await issuer.json('/api/token', { email: user.email, password: user.password })
    const second = await issuer.json('/api/token/refresh', { refresh: json.refresh })
    expect(second.status).toBe(200)
    issuer.clock.advance(21)
    expect((await issuer.json('/api/token/refresh', { refresh: json.refresh })).status).toBe(401)
    expect((await issuer.json('/api/token/refresh', { refresh: second.json.refresh })).status).toBe(401)
    expect((await issuer.bearer('/api/users/me', String(second.json.access))).status).toBe(401)
  })
})

describe('the grace for an honest race', () => {
  test('inside the grace the predecessor gets the same successor, as often as it asks (C3)', async () => {
    const { client, tokens, familyId } = await signedIn()
    const successor = nextToken(await issuer.refresh(client, tokens.refreshToken))
    for (const seconds of [0, 10, 9]) {
      issuer.clock.advance(seconds)
      expect(nextToken(await issuer.refresh(client, tokens.refreshToken))).toBe(successor)
    }
    nextToken(await issuer.refresh(client, successor))
    expect(eventTypes(issuer, familyId)).toContain('token.replayed')
    expect(eventTypes(issuer, familyId)).not.toContain('token.reused')
  })

  test('it ends to the second (C3)', async () => {
    const { client, tokens } = await signedIn()
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    issuer.clock.advance(20)
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
  })

  test('a replay does not prolong it (C3)', async () => {
    const { client, tokens } = await signedIn()
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    issuer.clock.advance(15)
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    issuer.clock.advance(6)
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
  })

  test('only while the successor is unused, and only for the immediate predecessor (C3)', async () => {
    const { client, tokens } = await signedIn()
    const second = nextToken(await issuer.refresh(client, tokens.refreshToken))
    const third = nextToken(await issuer.refresh(client, second))
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
    expectRefused(await issuer.refresh(client, third))
  })

  test('only for the same client; a stranger who tries harms nobody (C3)', async () => {
    const { client, tokens } = await signedIn()
    const stranger = await issuer.client()
    const successor = nextToken(await issuer.refresh(client, tokens.refreshToken))
    expectRefused(await issuer.refresh(stranger, tokens.refreshToken))
    expectRefused(await issuer.refresh(stranger, successor))
    nextToken(await issuer.refresh(client, successor))
  })

  test('0 is strict, by client and by configuration (C3)', async () => {
    const strict = await signedIn({ refreshPolicy: { kind: 'rotate', graceSeconds: 0 } })
    const successor = nextToken(await issuer.refresh(strict.client, strict.tokens.refreshToken))
    expectRefused(await issuer.refresh(strict.client, strict.tokens.refreshToken))
    expectRefused(await issuer.refresh(strict.client, successor))

    const strictIssuer = await testIssuer({ env: { REFRESH_GRACE: '0' } })
    const [client, user] = [await strictIssuer.client(), await strictIssuer.user()]
    const { refreshToken } = await strictIssuer.tokens(client, user)
    nextToken(await strictIssuer.refresh(client, refreshToken))
    expectRefused(await strictIssuer.refresh(client, refreshToken))
    await strictIssuer.close()
  })

  test('of 50 parallel uses of one token all get the same successor (C3)', async () => {
    const { client, tokens } = await signedIn()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => issuer.refresh(client, tokens.refreshToken)),
    )
    const [successor, ...others] = [...new Set(answers.map(nextToken))]
    expect(others).toEqual([])
    nextToken(await issuer.refresh(client, successor ?? ''))
  })
})

describe('rotation as a policy of the client', () => {
  test('a client has a grace of its own (C4)', async () => {
    const { client, tokens } = await signedIn({ refreshPolicy: { kind: 'rotate', graceSeconds: 60 } })
    const successor = nextToken(await issuer.refresh(client, tokens.refreshToken))
    issuer.clock.advance(59)
    expect(nextToken(await issuer.refresh(client, tokens.refreshToken))).toBe(successor)
    issuer.clock.advance(1)
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
  })

  test('with `reuse` a confidential client keeps its token (C4)', async () => {
    const { client, tokens, familyId } = await signedIn({ refreshPolicy: { kind: 'reuse' } })
    for (let time = 0; time < 3; time += 1) {
      issuer.clock.advance(day)
      expect(nextToken(await issuer.refresh(client, tokens.refreshToken))).toBe(tokens.refreshToken)
    }
    expect(eventTypes(issuer, familyId)).not.toContain('token.replayed')
  })

  test('a public client cannot be registered with `reuse` (C4)', async () => {
    const create = issuer.app.operations['clients.create']
    const settings = { id: `public-${randomToken(6)}`, redirectUris: ['https://app.example/callback'] }
    await expect(create({ ...settings, public: true, refresh: 'reuse' })).rejects.toThrow(/public/i)
  })

  test('moved from `reuse` to `rotate`, the client goes on from the token it holds (C4)', async () => {
    const { client, tokens } = await signedIn({ refreshPolicy: { kind: 'reuse' } })
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    await issuer.stores.clients.change(client.id, { refreshPolicy: { kind: 'rotate' } })
    const second = nextToken(await issuer.refresh(client, tokens.refreshToken))
    expect(second).not.toBe(tokens.refreshToken)
    nextToken(await issuer.refresh(client, second))
  })
})

describe('how long a family lives', () => {
  /** Refreshes every `stepDays` until it is refused; after how many days that was. */
  const refusedAfter = async (client: TestClient, tokens: Tokens, stepDays: number) => {
    let token = tokens.refreshToken
    for (let days = stepDays; days < 400; days += stepDays) {
      issuer.clock.advance(stepDays * day)
      const answer = await issuer.refresh(client, token)
      if (answer.status !== 200) return days
      token = nextToken(answer)
    }
    throw new Error('it never ended')
  }

  test('thirty days after the sign-in it ends, however often it refreshed (C5)', async () => {
    const { client, tokens } = await signedIn()
    expect(await refusedAfter(client, tokens, 5)).toBe(30)
  })

  test('neither a second client nor a fresh family in an old session outlives the sign-in (C5)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const agent = issuer.browser()
    await issuer.tokens(client, user, {}, agent)
    for (let time = 0; time < 4; time += 1) {
      issuer.clock.advance(6 * day)
      await agent.get('/account')
    }
    const late = await issuer.tokens(await issuer.client(), user, {}, agent)
    const family = await issuer.stores.refreshTokens.find(String(claimsOf(late.accessToken).sid))
    const session = await issuer.stores.sessions.find(family?.sessionId ?? '')
    expect(family?.expiresAt).toEqual(session?.expiresAt)
    expect(family?.expiresAt.getTime()).toBeLessThan(issuer.clock.now().getTime() + 7 * day * 1000)
  })

  test('seven idle days end it; a refresh starts them anew (C6)', async () => {
    const active = await signedIn()
    issuer.clock.advance(7 * day - 1)
    const second = nextToken(await issuer.refresh(active.client, active.tokens.refreshToken))
    issuer.clock.advance(7 * day - 1)
    nextToken(await issuer.refresh(active.client, second))

    const idle = await signedIn()
    issuer.clock.advance(7 * day)
    expectRefused(await issuer.refresh(idle.client, idle.tokens.refreshToken))
  })

  test('the idle time never reaches beyond the absolute end (C6)', async () => {
    const { client, tokens, familyId } = await signedIn()
    let token = tokens.refreshToken
    for (let time = 0; time < 5; time += 1) {
      issuer.clock.advance(5 * day)
      token = nextToken(await issuer.refresh(client, token))
    }
    const family = await issuer.stores.refreshTokens.find(familyId)
    expect(family?.idleExpiresAt).toEqual(family?.expiresAt)
  })

  test('a refresh that is answered again does not move the idle end (C6)', async () => {
    const { client, tokens, familyId } = await signedIn()
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    const before = await issuer.stores.refreshTokens.find(familyId)
    issuer.clock.advance(10)
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    expect(await issuer.stores.refreshTokens.find(familyId)).toEqual(before)
  })

  test('a token used weeks ago still gives the thief away (C8)', async () => {
    const { client, tokens, familyId } = await signedIn()
    let token = tokens.refreshToken
    for (let time = 0; time < 4; time += 1) {
      issuer.clock.advance(6 * day)
      token = nextToken(await issuer.refresh(client, token))
    }
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
    expectRefused(await issuer.refresh(client, token))
    expect(eventTypes(issuer, familyId)).toContain('token.reused')
  })
})

describe('what a family remembers', () => {
  test('`scope` narrows one access token; the next refresh has the whole grant again (C7)', async () => {
    const { client, tokens } = await signedIn()
    const narrow = await issuer.refresh(client, tokens.refreshToken, { scope: 'openid email' })
    expect(narrow.json.scope).toBe('openid email')
    expect(claimsOf(String(narrow.json.access_token)).scopes).toEqual(['openid', 'email'])
    const whole = await issuer.refresh(client, nextToken(narrow))
    expect(String(whole.json.scope).split(' ').sort()).toEqual([...client.scopes].sort())
  })

  test('more than was granted is invalid_scope, and spends nothing (C7)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const tokens = await issuer.tokens(client, user, { scope: 'openid offline_access' })
    const wider = await issuer.refresh(client, tokens.refreshToken, { scope: 'openid email' })
    expect([wider.status, wider.json.error]).toEqual([400, 'invalid_scope'])
    const unknown = await issuer.refresh(client, tokens.refreshToken, { scope: 'openid admin' })
    expect(unknown.json.error).toBe('invalid_scope')
    issuer.clock.advance(60)
    nextToken(await issuer.refresh(client, tokens.refreshToken))
  })

  test('a resource that was not granted is invalid_target, and spends nothing (C7)', async () => {
    const api = `https://${randomToken(6)}.example/api`
    const { client, user } = await signedIn({ audiences: [api] })
    const tokens = await issuer.tokens(client, user, { resource: api })
    expect(claimsOf(tokens.accessToken).aud).toBe(api)
    const other = await issuer.refresh(client, tokens.refreshToken, { resource: 'https://other.example' })
    expect(other.json.error).toBe('invalid_target')
    issuer.clock.advance(60)
    const same = await issuer.refresh(client, tokens.refreshToken)
    expect(claimsOf(String(same.json.access_token)).aud).toBe(api)
  })

  test('sid, sub, client_id, auth_time and amr stay what they were at the sign-in (C7)', async () => {
    const { client, tokens } = await signedIn()
    issuer.clock.advance(day)
    const refreshed = await issuer.refresh(client, tokens.refreshToken)
    const kept = (jwt: string) => {
      const { sid, sub, client_id, auth_time, amr } = claimsOf(jwt)
      return { sid, sub, client_id, auth_time, amr }
    }
    expect(kept(String(refreshed.json.access_token))).toEqual(kept(tokens.accessToken))
    expect(claimsOf(String(refreshed.json.id_token)).auth_time).toBe(claimsOf(tokens.idToken).auth_time)
  })

  test('a family of the first-party API is not refreshed at /token, nor the reverse (C7)', async () => {
    const { tokens, user } = await signedIn()
    const api = await issuer.json('/api/token', { email: user.email, password: user.password })
    const asClient = await issuer.form('/token', {
      grant_type: 'refresh_token',
      refresh_token: String(api.json.refresh),
      client_id: String(claimsOf(String(api.json.access)).client_id),
    })
    expectRefused(asClient)
    expect((await issuer.json('/api/token/refresh', { refresh: tokens.refreshToken })).status).toBe(401)
    expect((await issuer.json('/api/token/refresh', { refresh: api.json.refresh })).status).toBe(200)
  })
})

describe('a store that lost its last writes', () => {
  test('a token ahead of the store is refused as a rollback, not as theft; the family lives on (C11)', async () => {
    const { client, tokens, familyId } = await signedIn()
    const second = nextToken(await issuer.refresh(client, tokens.refreshToken))
    const backup = await issuer.stores.refreshTokens.find(familyId)
    if (backup === undefined) throw new Error('no family')
    const third = nextToken(await issuer.refresh(client, second))
    await issuer.stores.refreshTokens.start(backup)

    expectRefused(await issuer.refresh(client, third))
    expect(eventTypes(issuer, familyId)).toContain('token.ahead_of_store')
    expect(eventTypes(issuer, familyId)).not.toContain('token.reused')
    expect(await userinfoStatus(tokens.accessToken)).toBe(200)
    // Whoever still holds the generation that the store knows goes on, to the same token as before.
    expect(nextToken(await issuer.refresh(client, second))).toBe(third)
    nextToken(await issuer.refresh(client, third))
  })
})

describe('what is true now is asked at each refresh', () => {
  const cases = {
    'the user is disabled': ({ userId, now }) => issuer.stores.users.change(userId, { disabledAt: now }, now),
    'the user is deleted': ({ userId }) => issuer.stores.users.delete(userId, issuer.clock.now()),
    'the user signed out everywhere': ({ userId, now }) =>
      issuer.stores.users.change(userId, { tokensValidAfter: now }, now),
    'the password was set by an admin': ({ userId }) =>
      issuer.app.operations['users.set-password']({ user: userId, password: 'kimchi-stew-in-winter-9' }),
    'the session ended': ({ sessionId }) => issuer.stores.sessions.end(sessionId),
    'consent was withdrawn': ({ userId, clientId }) => issuer.stores.consents.withdraw(userId, clientId),
    'consent now covers less': ({ userId, clientId, now }) =>
      issuer.stores.consents
        .withdraw(userId, clientId)
        .then(() => issuer.stores.consents.grant({ userId, clientId, scopes: ['openid'], grantedAt: now })),
    'the client was made anew under the same id': async ({ clientId }) => {
      const client = await issuer.stores.clients.find(clientId)
      await issuer.stores.clients.delete(clientId)
      issuer.clock.advance(1)
      if (client) await issuer.stores.clients.create({ ...client, createdAt: issuer.clock.now() })
    },
  } satisfies Record<
    string,
    (facts: { userId: string; clientId: string; sessionId: string; now: Date }) => Promise<unknown>
  >

  for (const [name, happen] of Object.entries(cases))
    test(`${name}: the next refresh fails (C12)`, async () => {
      const [client, user] = [await issuer.client({ firstParty: false }), await issuer.user()]
      const now = issuer.clock.now()
      await issuer.stores.consents.grant({
        userId: user.id,
        clientId: client.id,
        scopes: client.scopes,
        grantedAt: now,
      })
      const { refreshToken, accessToken } = await issuer.tokens(client, user)
      const second = nextToken(await issuer.refresh(client, refreshToken))
      const family = await issuer.stores.refreshTokens.find(String(claimsOf(accessToken).sid))
      await happen({ userId: user.id, clientId: client.id, sessionId: family?.sessionId ?? '', now })
      expectRefused(await issuer.refresh(client, second))
      // The grace opens no back door.
      expectRefused(await issuer.refresh(client, refreshToken))
    })

  test('a removed client can no longer authenticate (C12)', async () => {
    const { client, tokens } = await signedIn()
    await issuer.app.operations['clients.delete']({ id: client.id })
    const answer = await issuer.refresh(client, tokens.refreshToken)
    expect([answer.status, answer.json.error]).toEqual([401, 'invalid_client'])
  })

  test('a disabled user is refused at the first-party API as well (C12)', async () => {
    const user = await issuer.user()
    const { json } = await issuer.json('/api/token', { email: user.email, password: user.password })
    await issuer.app.operations['users.disable']({ user: user.id })
    expect((await issuer.json('/api/token/refresh', { refresh: json.refresh })).status).toBe(401)
    expect((await issuer.bearer('/api/users/me', String(json.access))).status).toBe(401)
  })

  test('nothing of a refused refresh is spent: enabled again before the end, a kept token works (C12)', async () => {
    const { client, user, tokens } = await signedIn()
    const change = (disabledAt: Date | null) =>
      issuer.stores.users.change(user.id, { disabledAt }, issuer.clock.now())
    await change(issuer.clock.now())
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
    await change(null)
    nextToken(await issuer.refresh(client, tokens.refreshToken))
  })
})
